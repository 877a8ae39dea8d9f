import { useMemo, useState } from 'react';
import { Dialog as AriaDialog, Autocomplete, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from 'react-aria-components';
import { useProgram } from '../../state/program.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { type Find, finds, matches } from './finds.ts';
import styles from './Palette.module.css';

/** As many as one looks through. */
const SHOWN = 40;

/** Finds guests, hosts and every command, and does them. */
export function Palette({ onClose }: { onClose: () => void }) {
  const program = useProgram();
  const words = useWords();
  const tell = useTellShort();
  const [text, setText] = useState('');
  // Taken once, when it opens: what one is choosing from doesn't jump.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const all = useMemo(() => finds(program, words, tell), [program]);
  const shown = useMemo(() => all.filter((one) => matches(one, text)).slice(0, SHOWN), [all, text]);
  const take = (one: Find) => {
    onClose();
    one.run();
  };
  return (
    <ModalOverlay isOpen isDismissable className={styles.veil ?? ''} onOpenChange={(open) => !open && onClose()}>
      <Modal className={styles.sheet ?? ''}>
        <AriaDialog aria-label={words.say('frame.search')} className={styles.dialog ?? ''}>
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField aria-label={words.say('frame.search')} autoFocus className={styles.field ?? ''}>
              <Icon name="search" />
              <Input placeholder={words.say('frame.searchHint')} className={styles.input ?? ''} />
            </SearchField>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
            <div className={styles.scroll} tabIndex={0}>
              <Menu
                aria-label={words.say('frame.search')}
                className={styles.menu ?? ''}
                items={shown}
                disabledKeys={shown.filter((one) => one.refusal).map((one) => one.id)}
                renderEmptyState={() => <p className={styles.none}>{words.say('frame.searchNone')}</p>}
              >
                {(one) => (
                  <MenuItem id={one.id} textValue={one.label} className={styles.item ?? ''} onAction={() => take(one)}>
                    <Icon name={one.icon} />
                    <span>{one.label}</span>
                    <span className={styles.about}>{one.refusal ?? one.about}</span>
                  </MenuItem>
                )}
              </Menu>
            </div>
          </Autocomplete>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
