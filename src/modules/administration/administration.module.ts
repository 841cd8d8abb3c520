import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { DataSourcesModule } from '../data-sources/index.js';
import { QueriesModule } from '../queries/index.js';
import { AccountRemovalService } from './account-removal.service.js';
import { AdminUsersController } from './admin-users.controller.js';
import { AdminUsersService } from './admin-users.service.js';
import { FirstAdministrator } from './first-administrator.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';

/** What only administrators see and do. The last module, because it looks at all others and none looks at it. */
@Module({
  imports: [AuthModule, DataSourcesModule, QueriesModule],
  controllers: [AdminUsersController, OverviewController],
  providers: [AdminUsersService, AccountRemovalService, OverviewService, FirstAdministrator],
})
export class AdministrationModule {}
