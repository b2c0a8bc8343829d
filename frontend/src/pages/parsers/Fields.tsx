/** The fields that a mapping is written with: lines of text, expressions, and where a name is taken from. */

import { NativeSelect, TextInput } from '@mantine/core';
import { t } from '@/i18n';
import type { Source } from './draft';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

type LineProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  about?: string | undefined;
  error?: string | undefined;
  placeholder?: string;
  /** Text that people read, not a topic or an expression. */
  isPlain?: boolean;
  isRequired?: boolean;
};

export function Line({ label, value, onChange, about, error, placeholder, isPlain, isRequired }: LineProps) {
  return (
    <TextInput
      size="xs"
      label={label}
      description={about}
      value={value}
      error={error}
      placeholder={placeholder}
      withAsterisk={isRequired ?? false}
      spellCheck={isPlain ?? false}
      autoCapitalize="off"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      classNames={isPlain ? {} : { input: 'mono' }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

type SourceProps = Omit<LineProps, 'value' | 'onChange'> & { value: Source; onChange: (value: Source) => void };

export function SourceLine({ value, onChange, label, ...rest }: SourceProps) {
  return (
    <div className={classes.source}>
      <Line label={label} value={value.text} onChange={(text) => onChange({ ...value, text })} {...rest} />
      <NativeSelect
        size="xs"
        aria-label={t(texts.fromOf, { field: label })}
        value={value.from}
        onChange={(event) =>
          onChange({ ...value, from: event.currentTarget.value === 'message' ? 'message' : 'topic' })
        }
        data={[
          { value: 'topic', label: t(texts.fromTopic) },
          { value: 'message', label: t(texts.fromMessage) },
        ]}
      />
    </div>
  );
}
