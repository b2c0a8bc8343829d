/** Short names for what the API sends. */

import type { components } from './schema';

type Schemas = components['schemas'];

export type Overview = Schemas['OverviewOut'];
export type SiteOverview = Schemas['SiteOverviewOut'];
export type Site = Schemas['SiteOut'];
export type Gateway = Schemas['GatewayOut'];
export type Datalogger = Schemas['DataloggerOut'];
export type Sensor = Schemas['SensorOut'];
export type ConnectionStatus = Schemas['ConnectionStatusOut'];
export type Parser = Schemas['ParserOut'];
export type System = Schemas['SystemOut'];
export type Wish = Schemas['WishOut'];
export type Role = 'viewer' | 'operator' | 'admin';
export type Page<Row> = { items: Row[]; count: number; count_is_capped: boolean };
