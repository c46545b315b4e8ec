import type { Connection } from '../domain/connection.ts';
import type { Deployment, InventoryItem } from '../domain/deployment.ts';
import type { SlipwayEvent } from '../domain/event.ts';
import { describeObject } from '../domain/kubernetes-object.ts';
import type { Operation, OperationStep } from '../domain/operation.ts';
import type { DesignRevision, DesignSummary, Plan } from './api-schemas.ts';
import { formatAge, formatDuration } from './duration.ts';
import type { View } from './output/printer.ts';
import type { Colour } from './output/style.ts';
import { summaryLine } from './plan-text.ts';
import { printable } from './output/text.ts';
import { glyphOf, kindWords, operationGlyph, phaseWords, stepWords } from './progress/words.ts';
import { groupOfStep } from './progress/progress-state.ts';

/** How each kind of thing is shown by `-o table`, `-o wide` and `-o name`. */

const healthyWords = new Set(['connected', 'live', 'ready']);
const badWords = new Set(['disconnected', 'not found', 'degraded', 'missing', 'notReady']);

function wordColour(word: string): Colour | undefined {
  if (healthyWords.has(word)) return 'green';
  return badWords.has(word) ? 'red' : undefined;
}

export const connectionView: View<Connection> = {
  noun: 'connection',
  name: (item) => item.name,
  columns: [
    { title: 'NAME', value: (item) => item.name },
    { title: 'KIND', value: (item) => item.kind },
    { title: 'STATUS', value: (item) => item.status, colour: (item) => wordColour(item.status) },
    { title: 'VERSION', value: (item) => item.version ?? '' },
    { title: 'SERVER', value: (item) => item.server },
    { title: 'ID', value: (item) => item.id, wide: true },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.createdAt, nowMs) },
    { title: 'MESSAGE', value: (item) => printable(item.message ?? '') },
  ],
};

export const designView: View<DesignSummary> = {
  noun: 'design',
  name: (item) => item.name,
  columns: [
    { title: 'NAME', value: (item) => item.name },
    { title: 'REVISION', value: (item) => String(item.revision) },
    { title: 'FORMAT', value: (item) => item.format },
    { title: 'COMPONENTS', value: (item) => String(item.componentCount) },
    { title: 'ID', value: (item) => item.id, wide: true },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.createdAt, nowMs), wide: true },
    { title: 'UPDATED', value: (item, nowMs) => `${formatAge(item.updatedAt, nowMs)} ago` },
  ],
};

export const revisionView: View<DesignRevision> = {
  noun: 'revision',
  name: (item) => String(item.revision),
  columns: [
    { title: 'REVISION', value: (item) => String(item.revision) },
    { title: 'FORMAT', value: (item) => item.format },
    { title: 'COMPONENTS', value: (item) => String(item.componentCount) },
    { title: 'ACTOR', value: (item) => item.actor },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.createdAt, nowMs) },
  ],
};

export const planView: View<Plan> = {
  noun: 'plan',
  name: (item) => item.id,
  columns: [
    { title: 'ID', value: (item) => item.id },
    { title: 'KIND', value: (item) => item.kind },
    { title: 'DEPLOYMENT', value: (item) => item.deploymentId },
    { title: 'REVISION', value: (item) => (item.revision === null ? '' : String(item.revision)) },
    {
      title: 'APPROVED',
      value: (item) => (item.approvedAt === null ? 'no' : `${item.approvedAt} by ${item.approvedBy}`),
    },
    { title: 'APPLIED', value: (item) => item.appliedAt ?? 'no' },
    { title: 'CHANGES', value: (item) => summaryLine(item.changes) },
  ],
};

export const deploymentView: View<Deployment> = {
  noun: 'deployment',
  name: (item) => item.id,
  columns: [
    { title: 'ID', value: (item) => item.id },
    { title: 'DESIGN', value: (item) => item.designName },
    { title: 'CONNECTION', value: (item) => item.connectionName },
    { title: 'STATE', value: (item) => item.state, colour: (item) => wordColour(item.state) },
    { title: 'REVISION', value: (item) => (item.revision === null ? '-' : String(item.revision)) },
    { title: 'OBJECTS', value: (item) => String(item.objectCount) },
    { title: 'OPERATION', value: (item) => item.operationId ?? '', wide: true },
    { title: 'UPDATED', value: (item, nowMs) => `${formatAge(item.updatedAt, nowMs)} ago` },
  ],
};

export const inventoryView: View<InventoryItem> = {
  noun: 'object',
  name: (item) => item.key,
  columns: [
    { title: 'KIND', value: (item) => item.reference.kind },
    { title: 'NAMESPACE', value: (item) => item.reference.namespace ?? '' },
    { title: 'NAME', value: (item) => item.reference.name },
    { title: 'STATE', value: (item) => item.state, colour: (item) => wordColour(item.state) },
    { title: 'COMPONENT', value: (item) => item.component },
    { title: 'ORIGIN', value: (item) => (item.created ? 'created' : 'adopted') },
    { title: 'REVISION', value: (item) => String(item.revision) },
    { title: 'API', value: (item) => item.reference.apiVersion, wide: true },
    { title: 'UID', value: (item) => item.uid ?? '', wide: true },
  ],
};

export const operationView: View<Operation> = {
  noun: 'operation',
  name: (item) => item.id,
  columns: [
    { title: 'ID', value: (item) => item.id },
    { title: 'KIND', value: (item) => kindWords[item.kind] },
    { title: 'STATE', value: (item) => item.state, colour: (item) => operationGlyph(item.state).colour },
    { title: 'PHASE', value: (item) => (item.progress.phase === null ? '' : phaseWords[item.progress.phase]) },
    { title: 'DONE', value: (item) => `${item.progress.done}/${item.progress.total}` },
    { title: 'FAILED', value: (item) => String(item.progress.failed + item.progress.blocked) },
    { title: 'DEPLOYMENT', value: (item) => item.deploymentId ?? '', wide: true },
    { title: 'REVISION', value: (item) => (item.revision === null ? '' : String(item.revision)), wide: true },
    { title: 'PLAN', value: (item) => item.planId ?? '', wide: true },
    { title: 'ACTOR', value: (item) => item.actor },
    { title: 'TOOK', value: durationOf },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.createdAt, nowMs) },
  ],
};

export const stepView: View<OperationStep> = {
  noun: 'step',
  name: (item) => item.key,
  columns: [
    { title: 'PHASE', value: (item) => phaseWords[item.phase] },
    { title: 'STAGE', value: (item) => String(item.stage) },
    { title: 'OBJECT', value: (item) => describeObject(item.reference) },
    { title: 'ACTION', value: (item) => item.action ?? '' },
    {
      title: 'STATE',
      value: (item) => stepWords[item.state],
      colour: (item) => glyphOf(groupOfStep(item.state)).colour,
    },
    { title: 'COMPONENT', value: (item) => item.component, wide: true },
    { title: 'MESSAGE', value: (item) => printable(item.message ?? '') },
  ],
};

const severityColours: Readonly<Record<SlipwayEvent['severity'], Colour | undefined>> = {
  emergency: 'red',
  alert: 'red',
  critical: 'red',
  error: 'red',
  warning: 'yellow',
  informational: undefined,
  success: 'green',
  debug: 'gray',
};

export const eventView: View<SlipwayEvent> = {
  noun: 'event',
  name: (item) => item.id,
  columns: [
    { title: 'TIME', value: (item) => item.time },
    { title: 'SEVERITY', value: (item) => item.severity, colour: (item) => severityColours[item.severity] },
    { title: 'CATEGORY', value: (item) => item.category },
    { title: 'ACTION', value: (item) => item.action },
    { title: 'SUBJECT', value: (item) => `${item.subject.kind}/${item.subject.name ?? item.subject.id}` },
    { title: 'STATUS', value: eventStatus, wide: true },
    { title: 'ACTOR', value: (item) => item.actor, wide: true },
    { title: 'OPERATION', value: (item) => item.operationId ?? '', wide: true },
    { title: 'ID', value: (item) => item.id },
    { title: 'DESCRIPTION', value: (item) => printable(item.description) },
  ],
};

function eventStatus(event: SlipwayEvent): string {
  return [
    event.status,
    ...(event.acknowledgedAt === null ? [] : ['acknowledged']),
    ...(event.dismissedAt === null ? [] : ['dismissed']),
  ].join(',');
}

function durationOf(operation: Operation, nowMs: number): string {
  if (operation.startedAt === null) return '';
  const endMs = operation.finishedAt === null ? nowMs : Date.parse(operation.finishedAt);
  return formatDuration(endMs - Date.parse(operation.startedAt));
}
