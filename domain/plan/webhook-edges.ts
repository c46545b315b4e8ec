import { arrayAt, objectAt, stringAt, valueAt } from '../json.ts';
import { hardEdge, softEdge, type CandidateEdge } from './candidate-edge.ts';
import { describe, find, grouped, workloadsBehind, type DesignIndex } from './design-index.ts';
import { isEmptySelector, selectorMatches, type Labels } from './label-selector.ts';
import type { PlannedObject } from './planned-object.ts';
import { podTemplateOf } from './pod-template.ts';
import { calledServices, isWebhookConfiguration } from './service-reference.ts';
