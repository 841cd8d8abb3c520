import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import {
  CreateWebhookDto,
  DeliveryListQuery,
  ReplayDto,
  UpdateWebhookDto,
  WebhookDeliveryDto,
  WebhookDeliveryPageDto,
  WebhookDto,
  WebhookPageDto,
  WebhookWithSecretDto,
} from '../dto/webhook.dto.js';
import { WebhookDeliveries } from './webhook-deliveries.service.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('Webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: WebhookDeliveries,
  ) {}

  /** Have another system told about events. The secret that deliveries are signed with is shown this once. */
  @Post()
  @RequirePermission('webhooks:write')
  @ApiProblems('validation_failed', 'webhook_address_not_allowed', 'conflict')
  async create(@Body() request: CreateWebhookDto, @CurrentUser() caller: Principal): Promise<WebhookWithSecretDto> {
    const { webhook, secret } = await this.webhooks.create(request, caller);
    return WebhookWithSecretDto.withSecret(webhook, secret);
  }

  /** Your webhooks, newest first. */
  @Get()
  @RequirePermission('webhooks:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: PageQuery, @CurrentUser() caller: Principal): Promise<WebhookPageDto> {
    return WebhookPageDto.from(await this.webhooks.list(page, caller));
  }

  @Get(':id')
  @ApiId()
  @RequirePermission('webhooks:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<WebhookDto> {
    return WebhookDto.from(await this.webhooks.get(id, caller));
  }

  /** Change it, or switch it on or off. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('webhooks:write')
  @ApiProblems('not_found', 'validation_failed', 'webhook_address_not_allowed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateWebhookDto,
    @CurrentUser() caller: Principal,
  ): Promise<WebhookDto> {
    return WebhookDto.from(await this.webhooks.update(id, change, caller));
  }

  /** Remove it with its deliveries. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('webhooks:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.webhooks.remove(id, caller);
  }

  /** Sign with a new secret from now on, which is shown this once. */
  @Post(':id/secret')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('webhooks:write')
  @ApiProblems('not_found')
  async rotate(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<WebhookWithSecretDto> {
    const { webhook, secret } = await this.webhooks.rotate(id, caller);
    return WebhookWithSecretDto.withSecret(webhook, secret);
  }

  /** Send a `webhook.test` event there. What comes of it is among the deliveries. */
  @Post(':id/test')
  @HttpCode(202)
  @ApiId()
  @RequirePermission('webhooks:write')
  @ApiAcceptedResponse({ type: WebhookDeliveryDto, description: 'On its way.' })
  @ApiProblems('not_found', 'conflict')
  async test(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<WebhookDeliveryDto> {
    return WebhookDeliveryDto.from(await this.webhooks.test(id, caller));
  }

  /** What was sent there, or is on its way, newest first. */
  @Get(':id/deliveries')
  @ApiId()
  @RequirePermission('webhooks:read')
  @ApiProblems('not_found', 'validation_failed')
  async listDeliveries(
    @IdParam() id: number,
    @Query() wanted: DeliveryListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<WebhookDeliveryPageDto> {
    return WebhookDeliveryPageDto.from(await this.deliveries.list(id, wanted, caller));
  }

  /** Send a delivery again, under the same `webhook-id`; one that is on its way stays as it is. */
  @Post(':id/replay')
  @HttpCode(202)
  @ApiId()
  @RequirePermission('webhooks:write')
  @ApiAcceptedResponse({ type: WebhookDeliveryDto, description: 'On its way again.' })
  @ApiProblems('not_found', 'validation_failed', 'conflict')
  async replay(
    @IdParam() id: number,
    @Body() { delivery_id: deliveryId }: ReplayDto,
    @CurrentUser() caller: Principal,
  ): Promise<WebhookDeliveryDto> {
    return WebhookDeliveryDto.from(await this.deliveries.replay(id, deliveryId, caller));
  }
}
