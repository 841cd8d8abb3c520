/** Webhooks: what reaches a real receiver, signed, tried again, repeated, and never sent where it must not go. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer } from './support/server.mjs';
import { Stored } from './support/stored.js';
import { expectedSignature, WebhookReceiver } from './support/webhook-receiver.js';
import type { Page } from './support/shapes.js';

interface Webhook {
  id: number;
  name: string;
  url: string;
  events: string[];
  is_active: boolean;
  secret: string;
}

interface Delivery {
  id: number;
  webhook_id: number;
  event: string;
  status: string;
  attempts: number;
  attempt_log: { status: number | null; error: string | null; ms: number }[];
  response_status: number | null;
  error: string | null;
  next_attempt_at: string | null;
}

interface Notification {
  id: number;
  title: string;
  body: string;
  meta: Record<string, unknown>;
}

describe('webhooks', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let receiver: WebhookReceiver;
  let ada: Account;
  let bob: Account;

  beforeAll(async () => {
    receiver = await WebhookReceiver.open();
    server = await startServer({
      WEBHOOK_NETWORKS: 'loopback',
      WEBHOOK_RETRY_SECONDS: '1,1',
      WEBHOOK_TIMEOUT_SECONDS: '2',
    });
    [ada, bob] = [await newAccount(server.url), await newAccount(server.url)];
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await receiver.close();
  });

  const make = async (path: string, more: object = {}): Promise<Webhook> => {
    const { status, body } = await ada.client.post<Webhook>('/webhooks', {
      name: `Hook ${path}`,
      url: `${receiver.url}${path}`,
      ...more,
    });
    expect(status).toBe(201);
    return body;
  };
  const test = async ({ id }: Webhook): Promise<Delivery> =>
    (await ada.client.post<Delivery>(`/webhooks/${id}/test`)).body;
  const deliveries = async ({ id }: Webhook): Promise<Delivery[]> =>
    (await ada.client.get<Page<Delivery>>(`/webhooks/${id}/deliveries`)).body.items;
  const ended = (webhook: Webhook): Promise<Delivery[]> =>
    eventually(
      () => deliveries(webhook),
      (some) => some.length > 0 && some.every(({ status }) => status !== 'pending'),
    );

  it('reach their receiver, signed so that it can tell who sent what and when', async () => {
    const webhook = await make('/signed');
    expect((await test(webhook)).status).toBe('pending');
    const [call] = await receiver.callsTo('/signed', 1);
    if (call === undefined) throw new Error('Nothing came.');
    expect(JSON.parse(call.body)).toMatchObject({ type: 'webhook.test', data: { webhook_id: webhook.id } });
    expect(call.headers['webhook-signature']).toBe(expectedSignature(webhook.secret, call));
    expect(Math.abs(Date.now() / 1000 - Number(call.headers['webhook-timestamp']))).toBeLessThan(30);
    expect(await ended(webhook)).toMatchObject([
      {
        status: 'delivered',
        attempts: 1,
        response_status: 200,
        error: null,
        attempt_log: [{ status: 200, error: null }],
      },
    ]);
  });

  it('show their secret once, keep it encrypted, and sign with another one when it is changed', async () => {
    const webhook = await make('/secret-once');
    expect(webhook.secret).toMatch(/^whsec_/);
    expect((await ada.client.get<Webhook>(`/webhooks/${webhook.id}`)).body).not.toHaveProperty('secret');
    const stored = await Stored.embedded(server.dataDir);
    const secretPart = webhook.secret.replace('whsec_', '');
    expect(await stored.tablesHolding(secretPart)).toEqual([]);
    await stored.close();
    const { body: renewed } = await ada.client.post<Webhook>(`/webhooks/${webhook.id}/secret`);
    expect(renewed.secret).not.toBe(webhook.secret);
    await test(webhook);
    const [call] = await receiver.callsTo('/secret-once', 1);
    if (call === undefined) throw new Error('Nothing came.');
    expect(call.headers['webhook-signature']).toBe(expectedSignature(renewed.secret, call));
  });

  it('are tried again until they are delivered, under one id, and every attempt is told', async () => {
    receiver.answers.push(500, 503);
    const webhook = await make('/flaky');
    await test(webhook);
    const calls = await receiver.callsTo('/flaky', 3);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [delivery] = await ended(webhook);
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 3, response_status: 200, next_attempt_at: null });
    expect(delivery?.attempt_log.map(({ status }) => status)).toEqual([500, 503, 200]);
  });

  it('are given up in the end; their owner is told, and can repeat them', async () => {
    receiver.answers.push(500, 500, 500);
    const webhook = await make('/broken');
    await test(webhook);
    const [failed] = await ended(webhook);
    expect(failed).toMatchObject({ status: 'failed', attempts: 3, error: 'The receiver answered with 500.' });
    const { body: inbox } = await ada.client.get<Page<Notification>>('/notifications?unread=true');
    expect(inbox.items[0]).toMatchObject({
      title: 'A delivery to the webhook “Hook /broken” has failed',
      meta: { webhook_id: webhook.id, delivery_id: failed?.id },
    });
    const { body: logs } = await ada.client.get<Page<{ action: string; details: object }>>('/system-logs');
    expect(logs.items[0]).toMatchObject({ action: 'delivery_failed', details: { delivery_id: failed?.id } });

    const replay = await ada.client.post<Delivery>(`/webhooks/${webhook.id}/replay`, { delivery_id: failed?.id });
    expect([replay.status, replay.body.status]).toEqual([202, 'pending']);
    const calls = await receiver.callsTo('/broken', 4);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await ended(webhook)).toMatchObject([{ status: 'delivered', attempts: 4 }]);
  });

  it('follow no redirect, and are not held up by a receiver that talks too much', async () => {
    const elsewhere = await make('/elsewhere');
    const talkative = await make('/talkative');
    await test(elsewhere);
    await test(talkative);
    expect(await ended(talkative)).toMatchObject([{ status: 'delivered', response_status: 200 }]);
    expect(await ended(elsewhere)).toMatchObject([{ status: 'failed', response_status: 302 }]);
    expect(receiver.calls.some(({ path }) => path === '/secret')).toBe(false);
  });

  it('are switched off when the receiver says that it is gone', async () => {
    receiver.answers.push(410);
    const webhook = await make('/gone');
    await test(webhook);
    expect(await ended(webhook)).toMatchObject([{ status: 'failed', attempts: 1, response_status: 410 }]);
    expect((await ada.client.get<Webhook>(`/webhooks/${webhook.id}`)).body.is_active).toBe(false);
    const again = await ada.client.post<Problem>(`/webhooks/${webhook.id}/test`);
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  });

  it.each([
    ['http://10.0.0.8/hook', 'webhook_address_not_allowed'],
    ['http://169.254.169.254/latest/meta-data', 'webhook_address_not_allowed'],
    ['http://[::ffff:10.0.0.8]/', 'webhook_address_not_allowed'],
    ['http://0x0a000008/', 'webhook_address_not_allowed'],
    ['ftp://example.com/', 'validation_failed'],
    ['https://me:secret@example.com/', 'validation_failed'],
    ['not an address', 'validation_failed'],
  ])('cannot be at %s', async (url, code) => {
    const { status, body } = await ada.client.post<Problem>('/webhooks', { name: 'Hook', url });
    expect([status, body.code]).toEqual([422, code]);
  });

  it('at a name that leads to a closed network get nothing', async () => {
    // As if the name had led elsewhere when it was given.
    const webhook = await make('/closed');
    const stored = await Stored.embedded(server.dataDir);
    await stored.rows('UPDATE webhooks SET url = $2 WHERE id = $1', [webhook.id, 'http://10.0.0.8/']);
    await stored.close();
    await test(webhook);
    expect(await ended(webhook)).toMatchObject([
      { status: 'failed', attempts: 1, error: expect.stringContaining('WEBHOOK_NETWORKS') },
    ]);
  });

  it('are their owner’s alone, and take only events that there are', async () => {
    const webhook = await make('/mine', { events: ['alert.triggered'] });
    expect((await bob.client.get(`/webhooks/${webhook.id}`)).status).toBe(404);
    expect((await bob.client.post(`/webhooks/${webhook.id}/test`)).status).toBe(404);
    const changed = await ada.client.patch<Webhook>(`/webhooks/${webhook.id}`, { name: 'Other', is_active: false });
    expect(changed.body).toMatchObject({ name: 'Other', is_active: false, events: ['alert.triggered'] });
    const unknown = await ada.client.post<Problem>('/webhooks', { name: 'x', url: receiver.url, events: ['no.such'] });
    expect(unknown.status).toBe(422);
    expect((await ada.client.delete(`/webhooks/${webhook.id}`)).status).toBe(204);
    expect((await ada.client.get(`/webhooks/${webhook.id}`)).status).toBe(404);
  });
});
