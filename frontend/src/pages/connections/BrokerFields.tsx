/** Where the broker is and how we sign in there. */

import { Checkbox, NumberInput, PasswordInput, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { t } from '@/i18n';
import { readAddress } from './address';
import classes from './Connections.module.css';
import type { FieldProps } from './form';
import { type Connection, type Protocol, pasted, withTls } from './form';
import { texts } from './texts';
import { useMe } from './useMe';

const PROTOCOLS: { value: Protocol; label: string }[] = [
  { value: '5', label: 'MQTT 5' },
  { value: '3.1.1', label: 'MQTT 3.1.1' },
];

type PasteProps = Pick<FieldProps, 'form' | 'onChange'> & { onPrefix: (slug: string) => void };

export function PasteField({ form, onChange, onPrefix }: PasteProps) {
  const paste = (text: string) => {
    const address = readAddress(text);
    if (!address) return;
    onChange(pasted(form, address));
    onPrefix(address.prefix);
  };
  return (
    <TextInput
      className={classes.wide}
      label={t(texts.paste)}
      description={t(texts.pasteHelp)}
      placeholder="mqtts://user@broker.example.org:8883/prefix"
      onChange={(event) => paste(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

type Props = FieldProps & { stored: Connection | undefined };

export function BrokerFields({ form, errors, onChange, stored }: Props) {
  const isSuperuser = useMe().data?.is_superuser ?? false;
  return (
    <>
      <TextInput
        label={t(texts.host)}
        value={form.broker_host}
        onChange={(event) => onChange({ broker_host: event.currentTarget.value })}
        error={errors.broker_host}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <NumberInput
        label={t(texts.port)}
        value={form.broker_port}
        onChange={(broker_port) => onChange({ broker_port })}
        error={errors.broker_port}
        min={1}
        max={65_535}
        allowDecimal={false}
        hideControls
        required
      />
      <TextInput
        className={classes.wide}
        label={t(texts.username)}
        value={form.username}
        onChange={(event) => onChange({ username: event.currentTarget.value })}
        error={errors.username}
        autoComplete="off"
      />
      <PasswordInput
        className={classes.wide}
        label={t(texts.password)}
        description={stored?.has_password ? t(texts.passwordKept) : undefined}
        value={form.password}
        onChange={(event) => onChange({ password: event.currentTarget.value })}
        error={errors.password}
        autoComplete="new-password"
      />
      {stored?.has_password && !form.password && (
        <Checkbox
          className={classes.wide}
          label={t(texts.forget)}
          checked={form.forget}
          onChange={(event) => onChange({ forget: event.currentTarget.checked })}
        />
      )}
      <div className={classes.switches}>
        <SegmentedControl
          aria-label={t(texts.protocol)}
          data={PROTOCOLS}
          value={form.protocol}
          onChange={(protocol) => onChange({ protocol })}
        />
        <Switch
          label={t(texts.useTls)}
          checked={form.use_tls}
          onChange={(event) => onChange(withTls(form, event.currentTarget.checked))}
        />
        {form.use_tls && (
          <Switch
            label={t(texts.verify)}
            description={isSuperuser ? undefined : t(texts.verifyWhy)}
            checked={form.tls_verify}
            disabled={!isSuperuser && form.tls_verify}
            onChange={(event) => onChange({ tls_verify: event.currentTarget.checked })}
          />
        )}
        <Switch
          label={t(texts.switchedOn)}
          checked={form.is_active}
          onChange={(event) => onChange({ is_active: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}
