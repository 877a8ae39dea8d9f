import type { ReactElement } from 'react';
import { Button as AriaButton, Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { Icon, type IconName } from './Icon.tsx';
import styles from './Menu.module.css';

/** One line of a menu; null is a hairline. */
export interface MenuEntry {
  id: string;
  label: string;
  icon?: IconName;
  keys?: string;
  danger?: boolean;
  /** Why it can't be chosen now. */
  refusal?: string | null;
  run: () => void;
}

interface MenuProps {
  label: string;
  entries: readonly (MenuEntry | null)[];
}

/** What stands in a menu. */
export function MenuList({ label, entries }: MenuProps) {
  const run = new Map(entries.flatMap((one) => (one ? [[one.id, one.run] as const] : [])));
  return (
    <AriaMenu
      className={styles.menu ?? ''}
      aria-label={label}
      disabledKeys={entries.flatMap((one) => (one?.refusal ? [one.id] : []))}
      onAction={(id) => run.get(String(id))?.()}
    >
      {entries.map((one, at) =>
        one ? (
          <MenuItem key={one.id} id={one.id} textValue={one.label} className={`${styles.item} ${one.danger ? styles.danger : ''}`}>
            <span className={styles.icon}>{one.icon && <Icon name={one.icon} />}</span>
            <span className={styles.words}>
              <span>{one.label}</span>
              {one.refusal && <span className={styles.refusal}>{one.refusal}</span>}
            </span>
            {one.keys && (
              <span className={styles.keys} aria-hidden="true">
                <kbd>{one.keys}</kbd>
              </span>
            )}
          </MenuItem>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a hairline has no other name
          <Separator key={at} className={styles.line ?? ''} />
        ),
      )}
    </AriaMenu>
  );
}

/** A button that opens a menu. */
export function MenuButton({ children, ...list }: MenuProps & { children: ReactElement }) {
  return (
    <MenuTrigger>
      {children}
      <Popover className={styles.popover ?? ''}>
        <MenuList {...list} />
      </Popover>
    </MenuTrigger>
  );
}

/** A menu at a point of the window (right click, Shift+F10). */
export function MenuAt({ at, onClose, ...list }: MenuProps & { at: { x: number; y: number }; onClose: () => void }) {
  return (
    <MenuTrigger
      isOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <PointTrigger at={at} label={list.label} />
      <Popover className={styles.popover ?? ''} placement="bottom start">
        <MenuList {...list} />
      </Popover>
    </MenuTrigger>
  );
}

/** Something of no size for the menu to hang on. */
function PointTrigger({ at, label }: { at: { x: number; y: number }; label: string }) {
  return <AriaButton className={styles.point ?? ''} style={{ left: at.x, top: at.y }} excludeFromTabOrder aria-label={label} />;
}
