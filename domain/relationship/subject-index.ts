import type { Field } from './field-values.ts';
import { type FieldPair, isNamespaceField, type Link, type PairGroup } from './rules.ts';
import type { Subject } from './subject.ts';

/** Subjects by kind, and by what their fields say, so that a link costs its answers and not all pairs. */
export type SubjectIndex = {
  /** By name. */
  readonly subjects: readonly Subject[];
  readonly byName: ReadonlyMap<string, Subject>;
  /** `*` for all. */
  readonly ofKind: (kind: string) => readonly Subject[];
  /** Subjects of a kind of which the keys of the link may agree with the giver; all that agree are among them. */
  readonly takersFor: (link: Link, giver: Subject, kind: string) => readonly Subject[];
};

/** Lists of subjects by namespace, or `*` whatever their namespace, and then by key. */
type Holders = ReadonlyMap<string, ReadonlyMap<string, readonly Subject[]>>;

/** `subjects` in the order of their names. */
export function createSubjectIndex(subjects: readonly Subject[]): SubjectIndex {
  const byKind = Map.groupBy(subjects, ({ kind }) => kind);
  const ofKind = (kind: string): readonly Subject[] => (kind === '*' ? subjects : (byKind.get(kind) ?? []));
  const indexes = new Map<string, Map<string, Holders>>();
  const remembered = (kind: string, id: string, make: () => Holders): Holders => {
    const ofThatKind = indexes.get(kind) ?? new Map<string, Holders>();
    indexes.set(kind, ofThatKind);
    const holders = ofThatKind.get(id) ?? make();
    ofThatKind.set(id, holders);
    return holders;
  };
  const holding = (kind: string, field: Field): Holders =>
    remembered(kind, field.id, () => holdersOf(ofKind(kind), (subject) => subject.keys(field)));
  const living = (kind: string): Holders => remembered(kind, '', () => holdersOf(ofKind(kind), () => ['']));

  const byPair = ({ giver, taker, part }: FieldPair, subject: Subject, place: Place): readonly Subject[] => {
    const holders = holding(place.kind, taker);
    const lists = subject.keys(giver).map((key) => listed(holders, place.namespaces, key));
    return (part === 'taker' ? lists : [smallest(lists)]).flat(2);
  };
  const byGroup = ({ giver, pairs }: PairGroup, subject: Subject, place: Place): readonly Subject[] => [
    ...pairs.flatMap((pair) => byPair(pair, subject, place)),
    ...(isNamespaceField(giver) ? listed(living(place.kind), ownNamespaces(subject), '').flat() : []),
  ];

  return {
    subjects,
    byName: new Map(subjects.map((subject) => [subject.name, subject])),
    ofKind,
    takersFor: (link, giver, kind) => {
      const place = { kind, namespaces: link.namesNamespace ? [anyNamespace] : ownNamespaces(giver) };
      const found = searchable(link, giver).map((group) => byGroup(group, giver, place));
      return found.length === 0 ? ofKind(kind) : [...new Set(shortest(found))];
    },
  };
}

type Place = { readonly kind: string; readonly namespaces: readonly string[] };

const anyNamespace = '*';
const noNamespace = '-';

/** Names and selectors of a namespaced object mean what is in its namespace, or in none. */
function ownNamespaces({ namespace }: Subject): readonly string[] {
  return namespace === undefined ? [anyNamespace] : [`=${namespace}`, noNamespace];
}

/** The groups that tell takers apart: a reference may leave out an API version, and many name one kind. */
function searchable({ keys }: Link, giver: Subject): readonly PairGroup[] {
  const telling = keys.filter(({ giver: { id } }) => id !== 'apiVersion');
  const best = telling.filter(({ giver: { id, last } }) => {
    if (id === 'kind') return false;
    return last !== 'namespace' || giver.namespace !== undefined;
  });
  return best.length > 0 ? best : telling.filter(({ giver: { id } }) => id === 'kind');
}

function holdersOf(subjects: readonly Subject[], keysFor: (subject: Subject) => readonly string[]): Holders {
  const holders = new Map<string, Map<string, Subject[]>>([[anyNamespace, new Map()]]);
  for (const subject of subjects) {
    const own = subject.namespace === undefined ? noNamespace : `=${subject.namespace}`;
    for (const namespace of [anyNamespace, own]) {
      const lists = holders.get(namespace) ?? new Map<string, Subject[]>();
      holders.set(namespace, lists);
      for (const key of keysFor(subject)) push(lists, key, subject);
    }
  }
  return holders;
}

function push(lists: Map<string, Subject[]>, key: string, subject: Subject): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [subject]);
  else list.push(subject);
}

/** One list for each namespace, uncopied: most are not used. */
function listed(holders: Holders, namespaces: readonly string[], key: string): Lists {
  return namespaces.map((namespace) => holders.get(namespace)?.get(key) ?? []);
}

type Lists = readonly (readonly Subject[])[];

function smallest(candidates: readonly Lists[]): Lists {
  const sizes = candidates.map((lists) => lists.reduce((size, list) => size + list.length, 0));
  return candidates[sizes.indexOf(Math.min(...sizes))] ?? [];
}

function shortest<Value>(lists: readonly (readonly Value[])[]): readonly Value[] {
  return lists.toSorted((a, b) => a.length - b.length)[0] ?? [];
}
