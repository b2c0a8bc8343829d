/** News that waits for the next flush: the latest of each device, connection and kind of failure wins. */

import type { DataloggerState, DeviceState, Fall, MqttStatus, SensorValue, ServerFrame } from './events';

type Timed = { ts: string; site_id: number };
type Presence = Timed & Pick<Fall, 'status' | 'last_seen_at' | 'reason'>;

export class News {
  readonly dataloggers = new Map<number, DataloggerState & Timed>();
  readonly gateways = new Map<number, DeviceState & Timed>();
  readonly sensors = new Map<number, SensorValue>();
  readonly dataloggerFalls = new Map<number, Presence>();
  readonly gatewayFalls = new Map<number, Presence>();
  readonly connections = new Map<number, MqttStatus & Timed>();
  /** Since when each site was last heard. */
  readonly heard = new Map<number, string>();

  get isEmpty(): boolean {
    return !(this.heard.size || this.connections.size || this.dataloggerFalls.size || this.gatewayFalls.size);
  }

  add(frame: ServerFrame): void {
    switch (frame.type) {
      case 'datalogger_update':
        for (const state of frame.data.dataloggers) {
          this.dataloggers.set(state.id, { ...state, ts: frame.ts, site_id: frame.site_id });
          for (const sensor of state.sensors) this.sensors.set(sensor.id, sensor);
          this.hear(frame.site_id, state.last_seen_at);
        }
        break;
      case 'gateway_update':
        for (const state of frame.data.gateways) {
          this.gateways.set(state.id, { ...state, ts: frame.ts, site_id: frame.site_id });
          this.hear(frame.site_id, state.last_seen_at);
        }
        break;
      case 'sensor_offline':
      case 'sensor_online': {
        const about = { ts: frame.ts, site_id: frame.site_id };
        for (const fall of frame.data.dataloggers) this.dataloggerFalls.set(fall.id, { ...fall, ...about });
        for (const fall of frame.data.gateways) this.gatewayFalls.set(fall.id, { ...fall, ...about });
        break;
      }
      case 'mqtt_status':
        this.connections.set(frame.site_id, { ...frame.data, ts: frame.ts, site_id: frame.site_id });
        break;
    }
  }

  private hear(siteId: number, at: string | null): void {
    const before = this.heard.get(siteId);
    if (at && (!before || before < at)) this.heard.set(siteId, at);
  }
}
