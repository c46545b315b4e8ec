import type { Component, PrerequisiteState } from '../design.ts';
import type { Finding } from '../finding.ts';
import type { JsonPath } from '../json.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { SourcePlace } from './source-document.ts';

export type DraftDependency = {
  /** A component's name, or one of its aliases. */
  readonly target: string;
  readonly state: PrerequisiteState;
  readonly place: SourcePlace;
};

/** A component as its format gives it, before the checks that every format shares. */
export type DraftComponent = {
  /** Absent in formats without component names: it is derived from the object. */
  readonly name?: string;
  /** Other names by which dependencies can mean this component. */
  readonly aliases: readonly string[];
  readonly description?: string;
  readonly adapter?: Component['adapter'];
  readonly model?: Component['model'];
  readonly dependsOn: readonly DraftDependency[];
  readonly object: unknown;
  readonly place: SourcePlace;
  /** Where in the source the object's field at `path` comes from. */
  readonly fieldPlace: (path: JsonPath) => SourcePlace;
};

/** A component whose object has passed its checks, under its final name. */
export type NamedComponent = {
  readonly name: string;
  readonly draft: DraftComponent;
  readonly object: KubernetesObject;
};

/** A design in any format, converted but not checked yet. */
export type DraftDesign = {
  readonly name?: string;
  readonly description?: string;
  readonly namespace?: string;
  readonly components: readonly DraftComponent[];
  /** Names that dependencies may use for what was rightly left out; such dependencies go with it. */
  readonly leftOut?: ReadonlySet<string>;
  readonly findings: readonly Finding[];
};
