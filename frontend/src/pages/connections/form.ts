/** What the form of a connection holds, and what of it is sent. */

import type { components } from '@/api/schema';
import type { Address } from './address';

type Schemas = components['schemas'];
export type Connection = Schemas['ConnectionOut'];
export type Protocol = Schemas['Protocol'];

export type Form = {
  broker_host: string;
  broker_port: number | string;
  username: string;
  password: string;
  /** Delete the stored password. */
  forget: boolean;
  protocol: Protocol;
  use_tls: boolean;
  tls_verify: boolean;
  ca_certificate: string;
  client_certificate: string;
  client_key: string;
  client_id_prefix: string;
  is_active: boolean;
  keep_raw_days: number | string;
  /** Publish to Sparkplug nodes that lack births. */
  asks_for_births: boolean;
};

export const BLANK: Form = {
  broker_host: '',
  broker_port: 1883,
  username: '',
  password: '',
  forget: false,
  protocol: '5',
  use_tls: false,
  tls_verify: true,
  ca_certificate: '',
  client_certificate: '',
  client_key: '',
  client_id_prefix: 'fl-',
  is_active: true,
  keep_raw_days: 0,
  asks_for_births: false,
};

/** Secrets are never shown, so their fields begin empty. */
export function formOf(connection: Connection): Form {
  const { broker_host, broker_port, username, protocol, use_tls, tls_verify } = connection;
  const { ca_certificate, client_certificate, client_id_prefix, is_active, keep_raw_days } = connection;
  const { asks_for_births } = connection;
  const plain = { broker_host, broker_port, username, protocol, use_tls, tls_verify, asks_for_births };
  return { ...BLANK, ...plain, ca_certificate, client_certificate, client_id_prefix, is_active, keep_raw_days };
}

export function pasted(form: Form, { prefix: _, ...address }: Address): Form {
  return {
    ...form,
    ...address,
    username: address.username || form.username,
    password: address.password || form.password,
  };
}

/** The usual port follows the switch, as long as nobody chose another. */
export function withTls(form: Form, use_tls: boolean): Form {
  const isUsual = Number(form.broker_port) === (form.use_tls ? 8883 : 1883);
  return { ...form, use_tls, broker_port: isUsual ? (use_tls ? 8883 : 1883) : form.broker_port };
}

export function created(form: Form, site: number): Schemas['ConnectionIn'] {
  const { forget: _, ...fields } = form;
  return { ...fields, ...numbers(form), site };
}

/** An empty field of a number is a text. */
function numbers(form: Form) {
  return { broker_port: Number(form.broker_port), keep_raw_days: Number(form.keep_raw_days) };
}

/** Only what was changed, and the version that was read: a secret that nobody typed stays as it is. */
export function changed(form: Form, was: Connection): Schemas['ConnectionChange'] {
  const { forget, password, client_key, ...fields } = { ...form, ...numbers(form) };
  const before = formOf(was);
  const differs = Object.entries(fields).filter(([name, value]) => before[name as keyof Form] !== value);
  return {
    ...Object.fromEntries(differs),
    ...(password ? { password } : forget ? { password: '' } : {}),
    ...(client_key && { client_key }),
    version: was.version,
  };
}

/** "Plant 1" as plant_1: the first level of a site's topics. */
export function slugOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 64);
}

/** What a group of fields of the form is given. */
export type FieldProps = {
  form: Form;
  errors: Record<string, string>;
  onChange: (changes: Partial<Form>) => void;
};
