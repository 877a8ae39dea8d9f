import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';

export type ColumnId = 'name' | 'state' | 'host' | 'type' | 'vcpus' | 'memory' | 'cpu' | 'net' | 'disk';

interface TableColumn {
  id: ColumnId;
  /** By live figures nothing is sorted: rows would jump. */
  sortable: boolean;
  number: boolean;
  width: number | null;
  least: number;
}

/** Columns of the guests table, in their order. */
export const columns: readonly TableColumn[] = [
  { id: 'name', sortable: true, number: false, width: null, least: 160 },
  { id: 'state', sortable: true, number: false, width: 150, least: 110 },
  { id: 'host', sortable: true, number: false, width: 130, least: 90 },
  { id: 'type', sortable: true, number: false, width: 66, least: 56 },
  { id: 'vcpus', sortable: true, number: true, width: 66, least: 56 },
  { id: 'memory', sortable: true, number: true, width: 92, least: 80 },
  { id: 'cpu', sortable: false, number: true, width: 130, least: 110 },
  { id: 'net', sortable: false, number: true, width: 104, least: 92 },
  { id: 'disk', sortable: false, number: true, width: 104, least: 92 },
];

interface Order {
  filter: string;
  column: ColumnId;
  down: boolean;
}

const text = new Intl.Collator(['ja', 'en'], { numeric: true });

/** Keys of the guests that fit the filter (name, host, tag), in order. Live figures are no order. */
export function orderedKeys(guests: readonly Guest[], hosts: ReadonlyMap<HostId, Host>, { filter, column, down }: Order): GuestKey[] {
  const wanted = filter.trim().toLowerCase();
  const label = (guest: Guest) => hosts.get(guest.hostId)?.label ?? '';
  const fits = (guest: Guest) => {
    if (wanted === '') return true;
    return [guest.name, label(guest), ...(hosts.get(guest.hostId)?.tags ?? [])].some((one) => one.toLowerCase().includes(wanted));
  };
  const by = (a: Guest, b: Guest): number => {
    switch (column) {
      case 'state':
        return text.compare(a.state, b.state);
      case 'host':
        return text.compare(label(a), label(b));
      case 'type':
        return text.compare(a.type ?? '', b.type ?? '');
      case 'vcpus':
        return a.vcpus - b.vcpus;
      case 'memory':
        return a.memoryMiB - b.memoryMiB;
      case 'name':
      case 'cpu':
      case 'net':
      case 'disk':
        return 0;
    }
  };
  const order = (a: Guest, b: Guest) => by(a, b) || text.compare(a.name, b.name) || text.compare(a.key, b.key);
  const sorted = guests.filter(fits).sort((a, b) => (down ? order(b, a) : order(a, b)));
  return sorted.map((one) => one.key);
}
