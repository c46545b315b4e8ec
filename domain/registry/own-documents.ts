import type { SourceDocument } from '../design/source-document.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { checkDefinition, type ReadDefinition } from './check-definition.ts';
import {
  configurationProfileSchema,
  installationSchema,
  sampleDesignSchema,
  type ConfigurationProfile,
  type Installation,
  type SampleDesign,
} from './model-member.ts';

/** What a package holds that Meshery's packages have no file for; Meshery leaves out files whose schema it does not know. */
export const ownSchemas = {
  profile: 'profiles.slipway.dev/v1',
  sample: 'samples.slipway.dev/v1',
  installation: 'installations.slipway.dev/v1',
} as const;

/** A configuration profile as a file of a package. */
export function readProfile(document: SourceDocument): ReadDefinition<ConfigurationProfile> {
  return checkDefinition(configurationProfileSchema, bodyOf(document), document);
}

/** A sample design as a file of a package. */
export function readSample(document: SourceDocument): ReadDefinition<SampleDesign> {
  return checkDefinition(sampleDesignSchema, bodyOf(document), document);
}

/** The objects that bring a model's kinds as a file of a package. */
export function readInstallation(document: SourceDocument): ReadDefinition<Installation> {
  return checkDefinition(installationSchema, bodyOf(document), document);
}

/** A definition as a file of a package. */
export function writeOwnDocument(schemaVersion: string, definition: object): JsonObject {
  const sorted = Object.entries(definition).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { schemaVersion, ...Object.fromEntries(sorted) };
}

function bodyOf({ value }: SourceDocument): unknown {
  if (!isJsonObject(value)) return value;
  const { schemaVersion: _schemaVersion, ...body } = value;
  return body;
}
