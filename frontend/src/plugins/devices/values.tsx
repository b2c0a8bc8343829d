/** Latest values in a line: each with its name and unit; pale when the device is not there to confirm them. */

import { fullLabelOf, labelOf, unitOf } from '@/api/sensor';
import type { Datalogger } from '@/api/types';
import { number } from '@/i18n/format';
import classes from './Devices.module.css';

type Measured = Datalogger['latest'][number];

export function measured(sensor: Measured): string {
  const values = sensor.latest_values;
  return values?.length ? values.map(number).join('  ') : '--';
}

export function Values({ device, most = 3 }: { device: Datalogger; most?: number }) {
  const isOld = device.status !== 'online';
  return (
    <span className={`${classes.values} ${isOld ? classes.old : ''} numbers`}>
      {device.latest.slice(0, most).map((sensor) => (
        <span key={sensor.id} className={classes.value} title={[fullLabelOf(sensor), ...sensor.components].join(', ')}>
          <span className={classes.key}>{labelOf(sensor)}</span>
          {measured(sensor)}
          <span className={classes.unit}>{unitOf(sensor)}</span>
        </span>
      ))}
    </span>
  );
}
