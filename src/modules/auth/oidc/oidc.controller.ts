import { Body, Controller, Get, Headers, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../../../platform/http/index.js';
import { Public } from '../../../platform/security/index.js';
import { OidcOfferDto, OidcTokenDto, StartOidcDto } from '../dto/oidc.dto.js';
import { TokensDto } from '../dto/tokens.dto.js';
import { OidcSessionsService } from './oidc-sessions.service.js';
import { OidcService, type Redirection } from './oidc.service.js';

@ApiTags('Authentication')
@Controller('auth/oidc')
export class OidcController {
  constructor(
    private readonly oidc: OidcService,
    private readonly sessions: OidcSessionsService,
  ) {}

  /** Whether people can sign in with OpenID Connect here. */
  @Get()
  @Public()
  offer(): OidcOfferDto {
    return this.sessions.offer();
  }

  /** Begin to sign in: a browser is sent to the provider. */
  @Get('start')
  @Public()
  @ApiFoundResponse({ description: 'On to the provider.' })
  @ApiProblems('not_found', 'validation_failed', 'provider_unavailable')
  async start(@Query() query: StartOidcDto, @Res() reply: FastifyReply): Promise<void> {
    redirect(reply, await this.oidc.start(query.return_to, query.code_challenge));
  }

  /** Where the provider sends the browser back to; it goes on to `return_to`, with `#code=…` or `#error=…`. */
  @Get('callback')
  @Public()
  @ApiFoundResponse({ description: 'On to where the person wanted to go.' })
  @ApiProblems('not_found', 'invalid_sign_in')
  async callback(
    @Req() request: FastifyRequest,
    @Headers('cookie') cookies: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    redirect(reply, await this.oidc.finish(request.url, cookies));
  }

  /** Exchange the code of a sign-in, once and within a minute, for tokens. */
  @Post('token')
  @HttpCode(200)
  @Public()
  @ApiProblems('not_found', 'validation_failed', 'invalid_sign_in')
  async token(@Body() { code, code_verifier: verifier }: OidcTokenDto): Promise<TokensDto> {
    return TokensDto.from(await this.sessions.open(code, verifier));
  }
}

function redirect(reply: FastifyReply, { location, cookie }: Redirection): void {
  void reply.header('set-cookie', cookie).header('cache-control', 'no-store').redirect(location, 302);
}
