import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  NumberField as AriaNumberField,
  Radio as AriaRadio,
  RadioGroup as AriaRadioGroup,
  Select as AriaSelect,
  FieldError,
  Group,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
  TextArea,
  TextField,
} from 'react-aria-components';
import styles from './Field.module.css';
import { Icon } from './Icon.tsx';

interface Shared {
  label: string;
  hint?: string;
  /** What is wrong with it, beside it. */
  error?: string | null;
}

function Below({ hint, error }: { hint: string | undefined; error: string | null | undefined }) {
  return (
    <>
      {hint && !error && (
        <Text slot="description" className={styles.hint ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>{error}</FieldError>
    </>
  );
}

interface TextProps extends Shared {
  value: string;
  onChange: (value: string) => void;
  secret?: boolean;
  mono?: boolean;
  lines?: number;
  autoFocus?: boolean;
  placeholder?: string;
  /** A date and a time of day, as "2026-05-09T02:00". */
  dateTime?: boolean;
}

/** One line of text, or several. */
export function TextInput({ label, hint, error, value, onChange, secret, mono, lines, autoFocus, placeholder, dateTime }: TextProps) {
  const shape = `${styles.input} ${mono ? styles.mono : ''}`;
  return (
    <TextField
      className={styles.field ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={Boolean(error)}
      type={secret ? 'password' : dateTime ? 'datetime-local' : 'text'}
      autoComplete="off"
      {...(autoFocus ? { autoFocus } : {})}
    >
      <Label className={styles.label}>{label}</Label>
      {lines ? (
        <TextArea className={shape} rows={lines} placeholder={placeholder} />
      ) : (
        <Input className={shape} spellCheck="false" placeholder={placeholder ?? ''} />
      )}
      <Below hint={hint} error={error} />
    </TextField>
  );
}

interface NumberProps extends Shared {
  value: number;
  onChange: (value: number) => void;
  min?: number;
  max?: number;
  step?: number;
  /** Years, ports: no thousands separators. */
  plain?: boolean;
}

/** A number with its limits. */
export function NumberInput({ label, hint, error, value, onChange, min, max, step, plain }: NumberProps) {
  return (
    <AriaNumberField
      className={styles.field ?? ''}
      value={value}
      onChange={(now) => {
        if (!Number.isNaN(now)) onChange(now);
      }}
      isInvalid={Boolean(error)}
      {...(min === undefined ? {} : { minValue: min })}
      {...(max === undefined ? {} : { maxValue: max })}
      {...(step === undefined ? {} : { step })}
      formatOptions={{ useGrouping: !plain, maximumFractionDigits: 0 }}
    >
      <Label className={styles.label}>{label}</Label>
      <Group>
        <Input className={styles.input ?? ''} />
      </Group>
      <Below hint={hint} error={error} />
    </AriaNumberField>
  );
}

export interface Option<V extends string> {
  value: V;
  label: string;
  text?: ReactNode;
  /** Why it can't be chosen. */
  refusal?: string | null;
}

interface ChoiceProps<V extends string> extends Shared {
  value: V | null;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  /** `cards` shows each option's text beneath it. */
  kind?: 'row' | 'cards';
}

/** One of a few, all seen at once. */
export function Choice<V extends string>({ label, hint, error, value, options, onChange, kind = 'row' }: ChoiceProps<V>) {
  return (
    <AriaRadioGroup
      className={styles.field ?? ''}
      value={value}
      onChange={(now) => onChange(now as V)} // values are those of the options
      isInvalid={Boolean(error)}
    >
      <Label className={styles.label}>{label}</Label>
      <div className={kind === 'cards' ? styles.cards : styles.row}>
        {options.map((one) => (
          <AriaRadio key={one.value} value={one.value} isDisabled={Boolean(one.refusal)} className={styles.option ?? ''}>
            <span className={styles.dot} />
            <span>
              <span className={styles.optionLabel}>{one.label}</span>
              {(one.refusal ?? one.text) && <span className={styles.optionText}>{one.refusal ?? one.text}</span>}
            </span>
          </AriaRadio>
        ))}
      </div>
      <Below hint={hint} error={error} />
    </AriaRadioGroup>
  );
}

/** One of many. */
export function Select<V extends string>({
  label,
  hint,
  error,
  value,
  options,
  onChange,
  placeholder,
  bare,
}: Omit<ChoiceProps<V>, 'kind'> & {
  placeholder?: string /** The label is only for those who don't see what stands around it. */;
  bare?: boolean;
}) {
  return (
    <AriaSelect
      className={styles.field ?? ''}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(bare ? { 'aria-label': label } : {})}
      value={value}
      onChange={(now) => onChange(now as V)} // values are those of the options
      isInvalid={Boolean(error)}
      disabledKeys={options.filter((one) => one.refusal).map((one) => one.value)}
    >
      {!bare && <Label className={styles.label}>{label}</Label>}
      <AriaButton className={styles.select ?? ''}>
        <SelectValue />
        <Icon name="down" size={14} />
      </AriaButton>
      <Below hint={hint} error={error} />
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {options.map((one) => (
            <ListBoxItem key={one.value} id={one.value} textValue={one.label} className={styles.item ?? ''}>
              <Text slot="label">{one.label}</Text>
              {(one.refusal ?? one.text) && (
                <Text slot="description" className={styles.optionText ?? ''}>
                  {one.refusal ?? one.text}
                </Text>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** Yes or no. */
export function Check({
  children,
  hint,
  value,
  onChange,
}: {
  children: ReactNode;
  hint?: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <AriaCheckbox className={styles.check ?? ''} isSelected={value} onChange={onChange}>
      <span className={styles.box}>
        <Icon name="check" size={12} />
      </span>
      <span>
        {children}
        {hint && <span className={styles.optionText}>{hint}</span>}
      </span>
    </AriaCheckbox>
  );
}
