/** What the field's protocol can ask of a datalogger, what each method needs, and where the device is addressed. */

export const METHODS = [
  'get_status', 'get_config', 'set_config', 'query_data', 'start_acquisition', 'stop_acquisition', 'start_collection',
  'stop_collection',
] as const; // biome-ignore format: a list
export type Method = (typeof METHODS)[number];

/** These change what the device does: they are asked about first. */
export const GRAVE: readonly Method[] = ['set_config', 'stop_acquisition', 'stop_collection'];

export type Filled = {
  /** get_config: which part of it. */
  type: string;
  /** set_config: as JSON. */
  config: string;
  from: string;
  to: string;
  axes: string;
  points: string;
};

export const BLANK: Filled = { type: '', config: '{}', from: 'now-1h', to: 'now', axes: 'X, Y, Z', points: '1000' };

/** The parameters of a command, or the name of the field that is wrong. */
export function paramsOf(method: Method, filled: Filled, serial: string): Record<string, unknown> | keyof Filled {
  if (method === 'get_config') return filled.type.trim() ? { type: filled.type.trim() } : {};
  if (method === 'set_config') {
    const config_data = objectOf(filled.config);
    return config_data ? { config_data } : 'config';
  }
  if (method !== 'query_data') return {};
  const points = Number(filled.points);
  if (!Number.isSafeInteger(points) || points < 1) return 'points';
  if (!isTime(filled.from)) return 'from';
  if (!isTime(filled.to)) return 'to';
  return {
    query_type: 'resampled_vibration',
    device_names: [serial],
    start_time: filled.from.trim(),
    end_time: filled.to.trim(),
    axes: filled.axes
      .split(',')
      .map((axis) => axis.trim())
      .filter(Boolean),
    target_total_points: points,
  };
}

function objectOf(text: string): object | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

/** ISO, or now, now-1h, now-30m. */
function isTime(text: string): boolean {
  return /^now(-\d+[smhd])?$/.test(text.trim()) || !Number.isNaN(Date.parse(text));
}

export type Place = { gateway: string; datalogger: string };

/** Where a device is addressed: as one of the topics that speak of it is; else what its gateway is called, and it itself. */
export function placeOf(topics: string[], gatewaySerial: string | null, process: unknown): Place {
  for (const topic of topics) {
    const [, gateway, datalogger] =
      /^[^/]+\/gateway\/([^/]+)\/datalogger\/([^/]+(?:\/[^/]+)?)\/[^/]+$/.exec(topic) ?? [];
    if (gateway && datalogger && datalogger !== 'all') return { gateway, datalogger };
  }
  const numbers = topics.map((topic) => /^[^/]+\/gateway\/([^/]+)\//.exec(topic)?.[1]);
  const gateway = numbers.find(Boolean) ?? /gateway_([^/]+)$/.exec(gatewaySerial ?? '')?.[1] ?? '';
  return { gateway, datalogger: typeof process === 'string' ? process : '' };
}
