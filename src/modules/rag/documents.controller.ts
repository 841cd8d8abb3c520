import { Controller, Delete, Get, HttpCode, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DocumentsService } from './documents.service.js';
import {
  ContentQuery,
  DocumentContentDto,
  DocumentDto,
  DocumentListQuery,
  DocumentPageDto,
  IngestWaitQuery,
} from './dto/document.dto.js';
import { DOCUMENT_BODY } from './dto/document.openapi.js';
import type { RagDocument } from './entities/rag-document.entity.js';

@ApiTags('Documents')
@Controller('rag/documents')
export class DocumentsController {
  constructor(private readonly documents: DocumentsService) {}

  /** Add a document, as a file or as text; it is read in the background, and the same one again is the one that is there. */
  @Post()
  @RequirePermission('documents:write')
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiBody(DOCUMENT_BODY)
  @ApiCreatedResponse({ type: DocumentDto, description: 'Read within the wait: ready, or failed.' })
  @ApiOkResponse({ type: DocumentDto, description: 'It was there already.' })
  @ApiAcceptedResponse({ type: DocumentDto, description: 'Still being read; see `Location`.' })
  @ApiProblems('not_found', 'validation_failed', 'upload_incomplete', 'payload_too_large', 'overloaded')
  async create(
    @Req() request: FastifyRequest,
    @Query() { wait }: IngestWaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<DocumentDto> {
    const { document, isNew } = await this.documents.create(request, caller);
    return this.tell(reply, document, isNew ? 201 : 200, wait);
  }

  /** Put another text in the place of a document. What is not said of it stays as it is. It is not found while it is read. */
  @Put(':id')
  @ApiId()
  @RequirePermission('documents:write')
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiBody(DOCUMENT_BODY)
  @ApiOkResponse({ type: DocumentDto, description: 'Read within the wait: ready, or failed.' })
  @ApiAcceptedResponse({ type: DocumentDto, description: 'Still being read; see `Location`.' })
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'upload_incomplete', 'payload_too_large', 'overloaded')
  async replace(
    @IdParam() id: number,
    @Req() request: FastifyRequest,
    @Query() { wait }: IngestWaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<DocumentDto> {
    return this.tell(reply, await this.documents.replace(id, request, caller), 200, wait);
  }

  /** The documents that you may see, newest first, without their text. */
  @Get()
  @RequirePermission('documents:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: DocumentListQuery, @CurrentUser() caller: Principal): Promise<DocumentPageDto> {
    return DocumentPageDto.from(await this.documents.list(page, caller));
  }

  /** One document, and how far it is. */
  @Get(':id')
  @ApiId()
  @RequirePermission('documents:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<DocumentDto> {
    return DocumentDto.from(await this.documents.get(id, caller));
  }

  /** A part of its text, as it was read: what the places of citations point into. */
  @Get(':id/content')
  @ApiId()
  @RequirePermission('documents:read')
  @ApiProblems('not_found', 'validation_failed')
  async content(
    @IdParam() id: number,
    @Query() part: ContentQuery,
    @CurrentUser() caller: Principal,
  ): Promise<DocumentContentDto> {
    return this.documents.content(id, part, caller);
  }

  /** Remove a document, with its passages. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('documents:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.documents.remove(id, caller);
  }

  private async tell(
    reply: FastifyReply,
    begun: RagDocument,
    status: number,
    waitSeconds: number,
  ): Promise<DocumentDto> {
    const document = await this.documents.waitFor(begun, waitSeconds * 1000, abortOnDisconnect(reply));
    reply.header('location', `/api/v1/rag/documents/${document.id}`);
    reply.status(document.status === 'processing' ? 202 : status);
    return DocumentDto.from(document);
  }
}
