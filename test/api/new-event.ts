import type { NewEvent } from '../../domain/event.ts';

/** An event with the given id. */
export function newEvent(id: string, fields: Partial<NewEvent> = {}): NewEvent {
  return {
    id,
    time: new Date().toISOString(),
    severity: 'informational',
    category: 'deployment',
    action: 'deploy',
    actor: 'admin',
    subject: { kind: 'deployment', id: 'dep_1', name: 'shop' },
    operationId: null,
    description: `event ${id}`,
    details: null,
    actions: [],
    ...fields,
  };
}
