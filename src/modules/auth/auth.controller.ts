import { Body, Controller, Get, HttpCode, Ip, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../../platform/http/index.js';
import { CurrentUser, type Principal, Public, RequirePermission } from '../../platform/security/index.js';
import { UserDto } from '../users/index.js';
import { AuthService } from './auth.service.js';
import { LoginDto } from './dto/login.dto.js';
import { RegisterDto } from './dto/register.dto.js';
import { RefreshDto, TokensDto } from './dto/tokens.dto.js';
import { principalUser } from './principal-user.js';

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Create an account. The first account of an installation is its administrator. */
  @Post('register')
  @Public()
  @ApiProblems('validation_failed', 'username_taken', 'email_taken', 'forbidden')
  async register(@Body() request: RegisterDto): Promise<UserDto> {
    return UserDto.from(await this.auth.register(request));
  }

  /** Sign in with a user name or email. */
  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiProblems('invalid_credentials', 'validation_failed', 'rate_limited', 'overloaded')
  async login(@Body() request: LoginDto, @Ip() address: string): Promise<TokensDto> {
    return TokensDto.from(await this.auth.login(request, address));
  }

  /** Exchange a refresh token, once, for a new pair of tokens. */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @ApiProblems('invalid_refresh_token', 'validation_failed')
  async refresh(@Body() { refresh_token: token }: RefreshDto): Promise<TokensDto> {
    return TokensDto.from(await this.auth.refresh(token));
  }

  /** Sign out: the refresh token, and every later one of the same sign-in, ends. */
  @Post('logout')
  @HttpCode(204)
  @RequirePermission('account:write')
  @ApiNoContentResponse({ description: 'Signed out.' })
  @ApiProblems('validation_failed')
  async logout(@Body() { refresh_token: token }: RefreshDto, @CurrentUser() caller: Principal): Promise<void> {
    await this.auth.logout(token, caller.userId);
  }

  /** The account that is signed in. */
  @Get('me')
  @RequirePermission('account:read')
  me(@Req() request: FastifyRequest): UserDto {
    return UserDto.from(principalUser(request));
  }
}
