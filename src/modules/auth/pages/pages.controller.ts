import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../../platform/security/index.js';
import { RESET_PASSWORD_PAGE } from './reset-password.page.js';
import { SIGNED_IN_PAGE } from './signed-in.page.js';

const HTML = 'text/html; charset=utf-8';

/** Pages for people. Links lead to them below the public address; a front end that is deployed there takes their place. */
@ApiExcludeController()
@Controller()
export class PagesController {
  @Get('reset-password')
  @Public()
  @Header('content-type', HTML)
  @Header('content-security-policy', RESET_PASSWORD_PAGE.policy)
  @Header('cache-control', 'no-store')
  resetPassword(): string {
    return RESET_PASSWORD_PAGE.html;
  }

  @Get('signed-in')
  @Public()
  @Header('content-type', HTML)
  @Header('content-security-policy', SIGNED_IN_PAGE.policy)
  @Header('cache-control', 'no-store')
  signedIn(): string {
    return SIGNED_IN_PAGE.html;
  }
}
