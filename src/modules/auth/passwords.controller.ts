import { Body, Controller, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../platform/http/index.js';
import { CurrentUser, type Principal, Public, RequirePermission } from '../../platform/security/index.js';
import { ChangePasswordDto, ForgotPasswordDto, PasswordMailDto, ResetPasswordDto } from './dto/password.dto.js';
import { TokensDto } from './dto/tokens.dto.js';
import { PasswordResetsService } from './password-resets.service.js';
import { PasswordsService } from './passwords.service.js';

const ON_ITS_WAY = 'If there is an account with this email, a link to set a new password is on its way to it.';
const NO_MAIL = 'This server sends no mail. Ask an administrator for a new password.';

@ApiTags('Authentication')
@Controller('auth')
export class PasswordsController {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly resets: PasswordResetsService,
  ) {}

  /** Change your password. All your sessions end; the answer holds the tokens of a new one. */
  @Post('password/change')
  @HttpCode(200)
  @RequirePermission('account:write')
  @ApiProblems('validation_failed', 'conflict', 'rate_limited', 'overloaded')
  async change(
    @Body() request: ChangePasswordDto,
    @CurrentUser() caller: Principal,
    @Ip() address: string,
  ): Promise<TokensDto> {
    return TokensDto.from(await this.passwords.change(request, caller.userId, address));
  }

  /** Ask for a mail with a link to set a new password. The answer is the same whether there is such an account or not. */
  @Post('password/forgot')
  @HttpCode(202)
  @Public()
  @ApiProblems('validation_failed', 'overloaded')
  forgot(@Body() { email }: ForgotPasswordDto): PasswordMailDto {
    this.resets.request(email);
    return { detail: this.resets.canMail ? ON_ITS_WAY : NO_MAIL };
  }

  /** Set a new password with the token of a mailed link, once. All sessions of the account end. */
  @Post('password/reset')
  @HttpCode(204)
  @Public()
  @ApiNoContentResponse({ description: 'The password is set. Sign in with it.' })
  @ApiProblems('invalid_reset_token', 'validation_failed', 'overloaded')
  async reset(@Body() { token, new_password: password }: ResetPasswordDto): Promise<void> {
    await this.resets.redeem(token, password);
  }

  /** Sign out everywhere: every session of yours ends, this one too. */
  @Post('logout-everywhere')
  @HttpCode(204)
  @RequirePermission('account:write')
  @ApiNoContentResponse({ description: 'Signed out everywhere.' })
  async logoutEverywhere(@CurrentUser() caller: Principal): Promise<void> {
    await this.passwords.logoutEverywhere(caller.userId);
  }
}
