import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { HttpConfig } from '../../platform/config/index.js';
import type { LocalStorage } from '../../platform/storage/index.js';
import type { BudgetsService, UsageService } from '../system/index.js';
import type { ConnectorsService } from './connectors.service.js';
import { FileImports } from './file-imports.js';
import type { UploadReceiver } from './upload-receiver.js';

describe('importing uploads', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-imports-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** One at a time, each of which describes its tables until it is told to end. */
  const oneAtATime = (uploadWaitMs: number): { imports: FileImports; end: () => void; begun: () => number } => {
    let begun = 0;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const receiver = {
      receive: async (_: FastifyRequest, workspace: string) => {
        const path = join(workspace, 'upload-0');
        await writeFile(path, 'a,b\n1,2\n');
        return { files: [{ path, fileName: 'x.csv' }], fields: new Map() };
      },
    };
    const bounds = { maxMemoryBytes: 100_000_000, threads: 1, maxSpillBytes: 0, scratchDirectory: folder };
    const introspect = async (): Promise<unknown> => {
      begun += 1;
      await ended;
      return { tables: [], relationships: [] };
    };
    const imports = new FileImports(
      receiver as unknown as UploadReceiver,
      { bounds, ofFiles: () => ({ introspect }) } as unknown as ConnectorsService,
      { createWorkspace: () => mkdtemp(join(folder, 'w-')) } as unknown as LocalStorage,
      { uploadConcurrency: 1, uploadWaitMs, maxUploadBytes: 1_000_000 } as HttpConfig,
      {} as UsageService,
      {} as BudgetsService,
    );
    return { imports, end, begun: () => begun };
  };
  const { signal } = new AbortController();
  const run = (imports: FileImports): Promise<string> =>
    imports.run({} as FastifyRequest, signal, {
      beside: () => ({ tables: [], described: [] }),
      use: ({ tables }) => Promise.resolve(tables.map(({ name }) => name).join()),
    });

  it('takes turns, and gives up waiting in time', async () => {
    const { imports, end, begun } = oneAtATime(300);
    const first = run(imports);
    while (begun() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await expect(run(imports)).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 30 });
    expect(begun()).toBe(1);
    end();
    expect(await first).toBe('x');
    expect(await readdir(folder)).toEqual([]);
  });

  it('turns uploads away when very many are under way', async () => {
    const { imports, end } = oneAtATime(60_000);
    const many = Array.from({ length: 50 }, () => run(imports));
    await expect(run(imports)).rejects.toMatchObject({ code: 'overloaded' });
    end();
    expect(new Set(await Promise.all(many))).toEqual(new Set(['x']));
    expect(await readdir(folder)).toEqual([]);
  });
});
