import { InvalidArgumentError } from 'commander';
import { durationSeconds } from '../domain/duration.ts';

/** Seconds of `90s`, `10m`, `1h30m` or a bare number of seconds; throws InvalidArgumentError for anything else. */
export function parseDurationSeconds(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds === undefined) throw new InvalidArgumentError('Give a duration such as 90s, 10m or 1h30m.');
  return seconds;
}

/** `0.4s`, `12s`, `3m05s`, `2h10m`, `4d`: as exact as a person cares to know. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${twoDigits(Math.floor(seconds % 60))}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${twoDigits(Math.floor((seconds % 3600) / 60))}m`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** How long ago an ISO time was, as tables show it: `12s`, `3m`, `2h`, `4d`. */
export function formatAge(time: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(time)) / 1000);
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
