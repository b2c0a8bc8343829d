import { describe, expect, it } from 'vitest';
import { readAddress } from './address';
import { BLANK, type Connection, changed, created, formOf, pasted, slugOf, withTls } from './form';

const stored = {
  id: 3,
  version: 7,
  site_id: 2,
  broker_host: 'broker',
  broker_port: 1883,
  username: 'ada',
  has_password: true,
  client_id_prefix: 'fl-',
  client_id: 'fl-1',
  protocol: '5',
  use_tls: false,
  tls_verify: true,
  ca_certificate: '',
  client_certificate: '',
  has_client_key: false,
  is_active: true,
  keep_raw_days: 0,
  asks_for_births: false,
  discover_until: null,
  status: 'connected',
  status_since: '2026-05-04T03:02:01Z',
  last_error: '',
} as Partial<Connection> as Connection;

describe('A change of a connection', () => {
  it('sends what was changed, and the version that was read', () => {
    expect(changed({ ...formOf(stored), broker_port: '1884' }, stored)).toEqual({ broker_port: 1884, version: 7 });
  });

  it('leaves a stored password alone unless one is typed or it is to be deleted', () => {
    expect(changed(formOf(stored), stored)).toEqual({ version: 7 });
    expect(changed({ ...formOf(stored), password: 'new' }, stored)).toMatchObject({ password: 'new' });
    expect(changed({ ...formOf(stored), forget: true }, stored)).toMatchObject({ password: '' });
  });
});

describe('A new connection', () => {
  it('sends everything', () => {
    expect(created({ ...BLANK, broker_host: 'broker', broker_port: '1884' }, 2)).toMatchObject({
      site: 2,
      broker_host: 'broker',
      broker_port: 1884,
      is_active: true,
    });
  });

  it('takes over what a pasted address says, and keeps what it does not', () => {
    const address = readAddress('mqtts://broker.example:8884/plant_1');
    if (!address) throw new Error('an address');
    const form = pasted({ ...BLANK, username: 'ada', password: 'secret' }, address);
    expect(form).toMatchObject({ broker_host: 'broker.example', broker_port: 8884, use_tls: true });
    expect(form).toMatchObject({ username: 'ada', password: 'secret' });
    expect(form).not.toHaveProperty('prefix');
  });
});

describe('The port', () => {
  it('follows TLS while it is the usual one', () => {
    expect(withTls(BLANK, true).broker_port).toBe(8883);
    expect(withTls(withTls(BLANK, true), false).broker_port).toBe(1883);
    expect(withTls({ ...BLANK, broker_port: 1999 }, true).broker_port).toBe(1999);
  });
});

it('A slug is made of the name', () => {
  expect(slugOf(' Diga di Valdòra, 2 ')).toBe('diga_di_valdora_2');
});
