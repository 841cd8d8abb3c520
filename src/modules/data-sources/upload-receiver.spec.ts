import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { HttpConfig } from '../../platform/config/index.js';
import { UploadReceiver } from './upload-receiver.js';

describe('receiving an upload', () => {
  const receiver = new UploadReceiver({ maxUploadBytes: 1_000_000, maxUploadFiles: 3 } as HttpConfig);
  const logged = jest.fn();
  let workspace: string;

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'lumiere-upload-'));
  });

  afterAll(() => rm(workspace, { recursive: true, force: true }));

  /** An upload of one file whose writing fails with an error of the system. */
  const receiveFailing = (code: string): Promise<unknown> => {
    const file = Readable.from(
      (async function* () {
        yield Buffer.from('id');
        throw Object.assign(new Error(`${code}: something failed`), { code });
      })(),
    );
    const request = {
      headers: {},
      isMultipart: () => true,
      log: { error: logged },
      parts: async function* () {
        yield { type: 'file', fieldname: 'file', filename: 'a.csv', file };
      },
    };
    return receiver.receive(request as unknown as FastifyRequest, workspace);
  };

  it('tells a full disk from a client that went away, and logs it', async () => {
    await expect(receiveFailing('ENOSPC')).rejects.toMatchObject({ code: 'overloaded' });
    expect(logged).toHaveBeenCalledTimes(1);
    await expect(receiveFailing('ECONNRESET')).rejects.toMatchObject({ code: 'upload_incomplete' });
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it('leaves any other failure of the server what it is', async () => {
    await expect(receiveFailing('EFBIG')).rejects.toMatchObject({ code: 'EFBIG' });
  });
});
