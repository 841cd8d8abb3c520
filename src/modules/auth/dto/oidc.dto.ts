import { IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/index.js';

const S256_CHALLENGE = /^[\w-]{43}$/;
const VERIFIER = /^[\w.~-]{43,128}$/;

/** Whether people may sign in with OpenID Connect, and what to write on the button. */
export class OidcOfferDto {
  enabled!: boolean;
  /** Null when it is off. @example 'Example Ltd' */
  label!: string | null;
}

export class StartOidcDto {
  /**
   * Where the person goes in the end, at the public address of the server or at one of the origins that may call the API;
   * without it, a page of the server shows the tokens. @example 'https://app.example.com/signed-in'
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(2000)
  return_to?: string;

  /**
   * SHA-256 of a secret that the front end makes and keeps, base64url. The code then works together with that secret only,
   * so that nobody can hand your people a sign-in of their own. @example 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
   */
  @MayBeAbsent()
  @IsString()
  @Matches(S256_CHALLENGE, { message: 'code_challenge must be a SHA-256 digest as base64url without padding' })
  code_challenge?: string;
}

export class OidcTokenDto {
  /** What stands behind `#code=` in the address that the person came back to. @example 'pX3vY0mJ1l8m5cQ0m9z4e2f7g6h5i4j3k2l1m0n9o8q' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  code!: string;

  /** The secret that `code_challenge` was made of. @example 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' */
  @MayBeAbsent()
  @IsString()
  @Matches(VERIFIER, { message: 'code_verifier must be 43 to 128 letters, digits or -._~' })
  code_verifier?: string;
}
