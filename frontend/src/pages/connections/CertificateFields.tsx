/** What few need: certificates, a key, another client id, raw messages that are kept, births that are asked for. */

import { Collapse, NumberInput, Switch, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import classes from './Connections.module.css';
import type { Connection, FieldProps } from './form';
import { texts } from './texts';

type Props = FieldProps & { stored: Connection | undefined };

export function CertificateFields({ form, errors, onChange, stored }: Props) {
  const names = ['ca_certificate', 'client_certificate', 'client_key', 'client_id_prefix', 'keep_raw_days'];
  const [isOpen, { toggle }] = useDisclosure(false);
  const isShown = isOpen || names.some((name) => errors[name]);
  const pem = { autosize: true, minRows: 2, maxRows: 6, spellCheck: false, classNames: { input: 'mono' } };
  return (
    <div className={classes.wide}>
      <UnstyledButton type="button" className={classes.fold} aria-expanded={isShown} onClick={toggle}>
        <Icon name={isShown ? 'up' : 'down'} size={16} />
        {t(texts.certificates)}
      </UnstyledButton>
      <Collapse expanded={isShown}>
        <div className={classes.folded}>
          <Textarea
            {...pem}
            label={t(texts.ca)}
            description={t(texts.caHelp)}
            value={form.ca_certificate}
            onChange={(event) => onChange({ ca_certificate: event.currentTarget.value })}
            error={errors.ca_certificate}
          />
          <Textarea
            {...pem}
            label={t(texts.clientCertificate)}
            value={form.client_certificate}
            onChange={(event) => onChange({ client_certificate: event.currentTarget.value })}
            error={errors.client_certificate}
          />
          <Textarea
            {...pem}
            label={t(texts.clientKey)}
            description={stored?.has_client_key ? t(texts.secretKept) : undefined}
            value={form.client_key}
            onChange={(event) => onChange({ client_key: event.currentTarget.value })}
            error={errors.client_key}
          />
          <TextInput
            label={t(texts.prefix)}
            value={form.client_id_prefix}
            onChange={(event) => onChange({ client_id_prefix: event.currentTarget.value })}
            error={errors.client_id_prefix}
            maxLength={12}
          />
          <NumberInput
            label={t(texts.keepRaw)}
            description={t(texts.keepRawHelp)}
            value={form.keep_raw_days}
            onChange={(keep_raw_days) => onChange({ keep_raw_days })}
            error={errors.keep_raw_days}
            min={0}
            max={365}
            allowDecimal={false}
            hideControls
          />
          <Switch
            label={t(texts.asksForBirths)}
            description={t(texts.asksForBirthsHelp)}
            checked={form.asks_for_births}
            onChange={(event) => onChange({ asks_for_births: event.currentTarget.checked })}
          />
        </div>
      </Collapse>
    </div>
  );
}
