import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiProblems, closeOnUnread } from '../../platform/http/index.js';
import { Public } from '../../platform/security/index.js';
import { ExportLinks } from './export-links.js';

@ApiTags('Exports')
@Controller('public/exports')
export class PublicExportsController {
  constructor(private readonly links: ExportLinks) {}

  /** The file behind the link of a mailed report, while its recipient may see what is in it. */
  @Get(':token')
  @Public()
  @ApiOkResponse({
    description: 'The file, in the type of its format.',
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems('not_found', 'export_expired', 'result_outdated', 'rate_limited', 'overloaded')
  async download(
    @Param('token') token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { stream, bytes, contentType, fileName, limits } = await this.links.open(token, abortOnDisconnect(reply));
    closeOnUnread(reply, limits);
    const disposition = `attachment; filename="${fileName}"`;
    return new StreamableFile(stream, { type: contentType, length: bytes, disposition });
  }
}
