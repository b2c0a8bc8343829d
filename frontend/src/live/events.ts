/** The frames of /ws/mqtt/status/, by the names that the server's event models have. */

import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type ServerFrame = Schemas['ServerEvent'];
export type FrameType = ServerFrame['type'];
export type DataloggerState = Schemas['DataloggerState'];
export type DeviceState = Schemas['DeviceState'];
export type SensorValue = Schemas['SensorValue'];
export type Fall = Schemas['Fall'];
export type MqttStatus = Schemas['MqttStatusData'];
export type Interruption = Schemas['InterruptionData'];
export type Established = Schemas['ConnectionEstablishedData'];
export type SeenSite = Established['sites'][number];
export type Telemetry = Schemas['TelemetryData'];
