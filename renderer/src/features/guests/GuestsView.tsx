import { useMemo, useState } from 'react';
import {
  Cell,
  Checkbox,
  Collection,
  Column,
  type Key,
  Row,
  type Selection,
  type SortDescriptor,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  Virtualizer,
} from 'react-aria-components';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { type Program, useProgram, useUi } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { useWords } from '../../words/speak.tsx';
import { GuestCell } from './cells.tsx';
import { type ColumnId, columns, orderedKeys } from './columns.ts';
import styles from './GuestsView.module.css';
import { SelectionBar } from './SelectionBar.tsx';

const ROW_PX = 32;
const HEAD_PX = 30;
const layoutOptions = { rowHeight: ROW_PX, headingHeight: HEAD_PX };

/** Table of all guests. Rows are ids only: each cell listens for itself, so that a tick touches what it shows. */
export function GuestsView() {
  const program = useProgram();
  const { say } = useWords();
  const filter = useUi((ui) => ui.filter);
  const [sort, setSort] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' });
  const [selected, setSelected] = useState<Selection>(new Set());
  const keys = useOrdered(program, filter, sort);
  const rows = useMemo(() => keys.map((id) => ({ id })), [keys]);
  const chosenKeys = useMemo(() => (selected === 'all' ? keys : keys.filter((key) => selected.has(key))), [selected, keys]);
  return (
    <div className={styles.view}>
      <Virtualizer layout={TableLayout} layoutOptions={layoutOptions}>
        <Table
          aria-label={say('guests.title')}
          className={styles.table ?? ''}
          selectionMode="multiple"
          selectionBehavior="toggle"
          selectedKeys={selected}
          onSelectionChange={setSelected}
          sortDescriptor={sort}
          onSortChange={setSort}
          onRowAction={(key: Key) => choose(program.ui, { is: 'guest', key: String(key) })}
        >
          <TableHeader className={styles.header ?? ''}>
            <Column id="select" width={36} minWidth={36} className={styles.column ?? ''} aria-label={say('common.all')}>
              <SelectBox />
            </Column>
            {columns.map((one) => (
              <Column
                key={one.id}
                id={one.id}
                isRowHeader={one.id === 'name'}
                allowsSorting={one.sortable}
                className={`${styles.column} ${one.number ? styles.number : ''}`}
                {...(one.width ? { width: one.width } : {})}
                minWidth={one.least}
              >
                {({ sortDirection }) => (
                  <>
                    {say(`guests.${one.id}`)}
                    {sortDirection && <span aria-hidden="true">{sortDirection === 'ascending' ? ' ↑' : ' ↓'}</span>}
                  </>
                )}
              </Column>
            ))}
          </TableHeader>
          <TableBody
            items={rows}
            renderEmptyState={() => <p className={styles.empty}>{filter ? say('guests.noneMatch', { filter }) : say('guests.empty')}</p>}
          >
            {(row) => (
              <Row id={row.id} className={styles.row ?? ''} columns={allColumns}>
                <Cell className={styles.cell ?? ''}>
                  <SelectBox />
                </Cell>
                <Collection items={columns}>
                  {(column) => (
                    <Cell className={`${styles.cell} ${column.number ? styles.number : ''}`}>
                      <GuestCell guestKey={row.id} column={column.id} />
                    </Cell>
                  )}
                </Collection>
              </Row>
            )}
          </TableBody>
        </Table>
      </Virtualizer>
      {chosenKeys.length > 0 && <SelectionBar keys={chosenKeys} onClear={() => setSelected(new Set())} />}
    </div>
  );
}

const allColumns = [{ id: 'select' as const }, ...columns];

function SelectBox() {
  return (
    <Checkbox slot="selection" className={styles.box ?? ''}>
      {({ isSelected, isIndeterminate }) => <span aria-hidden="true">{isIndeterminate ? '–' : isSelected ? '✓' : ''}</span>}
    </Checkbox>
  );
}

/** Keys as the table shows them; the same array while that stays. */
function useOrdered(program: Program, filter: string, sort: SortDescriptor): readonly GuestKey[] {
  const column = columns.find((one) => one.id === sort.column)?.id ?? ('name' satisfies ColumnId);
  const hosts = useStore(program.mirror.hosts, (all) => all.byId);
  return useStore(
    program.mirror.guests,
    useShallow((all) => orderedKeys([...all.byId.values()], hosts, { filter, column, down: sort.direction === 'descending' })),
  );
}
