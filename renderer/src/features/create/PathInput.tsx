import { useState } from 'react';
import { Select, TextInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';

/** Entries of the list that are no path. A path begins with a slash. */
const OTHER = 'other';
const NONE = 'none';

interface Props {
  label: string;
  hint?: string;
  value: string;
  /** What the examination of the servers found. */
  found: readonly { path: string; text: string; refusal?: string | null }[];
  /** Word for "none", where that may be chosen. */
  none?: string | null;
  onChange: (path: string) => void;
}

/** A file or volume on the server: one that was found there, or any other by its path. */
export function PathInput({ label, hint, value, found, none, onChange }: Props) {
  const { say } = useWords();
  const listed = value === '' || found.some((one) => one.path === value);
  const [typing, setTyping] = useState(!listed);
  const nothing = found.length === 0 && none == null;
  const options = [
    ...(none == null ? [] : [{ value: NONE, label: none }]),
    ...found.map(({ path, text, refusal }) => ({
      value: path,
      label: nameOf(path),
      text: text === '' ? path : `${path} · ${text}`,
      refusal: refusal ? `${path} · ${refusal}` : null,
    })),
    { value: OTHER, label: say('create.otherPath') },
  ];
  const typed = typing || nothing;
  return (
    <>
      {!nothing && (
        <Select
          label={label}
          {...(hint ? { hint } : {})}
          value={typing ? OTHER : value === '' ? (none == null ? null : NONE) : value}
          options={options}
          onChange={(now) => {
            setTyping(now === OTHER);
            if (now !== OTHER) onChange(now === NONE ? '' : now);
          }}
        />
      )}
      {typed && (
        <TextInput
          mono
          label={nothing ? label : say('create.path')}
          hint={nothing && hint ? hint : say('create.pathHint')}
          value={value}
          onChange={onChange}
          placeholder="/"
        />
      )}
    </>
  );
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
