/** What a sensor is called, and what its values are in: what people say goes before what the device says. */

type Called = { key: string; label: string };
type Measuring = { unit: string; own_unit: string };

export function labelOf(sensor: Called): string {
  return sensor.label || sensor.key;
}

/** The label, and the key by which the device knows it. */
export function fullLabelOf({ key, label }: Called): string {
  return label ? `${label} (${key})` : key;
}

export function unitOf(sensor: Measuring): string {
  return sensor.own_unit || sensor.unit;
}
