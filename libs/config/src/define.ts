import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** One environment variable: how it is read, and what its documentation says. */
export interface Variable<Value> {
  readonly name: string;
  /** Reads the text of the variable; the value the app gets. */
  readonly schema: z.ZodType<Value, string>;
  /** What may stand there, for people: completes the sentence 'expected …'. */
  readonly form: string;
  readonly summary: string;
  /** The text taken when the variable is not set. Absent: required. `null`: optional. */
  readonly fallback?: string | null;
  /** Its value is never printed. */
  readonly secret?: true;
}

/** Variables that belong together, by the name the app uses. */
export type Group = Readonly<Record<string, Variable<unknown>>>;

/** A group that is read only where it is wanted; elsewhere it is undefined and none of it is required. */
export class OptionalGroup<G extends Group = Group> {
  constructor(
    readonly group: G,
    /** Decides from the environment; empty variables count as not set. */
    readonly wanted: (environment: Environment) => boolean,
    /** When it is wanted, for the documentation: completes 'required …'. */
    readonly when: string,
  ) {}
}

/** The groups that an app reads, by the name the app uses. */
export type ConfigSchema = Readonly<Record<string, Group | OptionalGroup>>;

/** What a group reads to. */
export type GroupValues<G extends Group> = {
  readonly [Key in keyof G]: G[Key] extends Variable<infer Value> ? Value : never;
};

/** The typed configuration that a schema reads to. */
export type ConfigOf<Schema extends ConfigSchema> = {
  readonly [Key in keyof Schema]: Schema[Key] extends OptionalGroup<infer G>
    ? GroupValues<G> | undefined
    : Schema[Key] extends Group
      ? GroupValues<Schema[Key]>
      : never;
};

/** One bad or missing variable. */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  readonly expected: string;
}

/** The environment does not fit. Its message lists every bad or missing variable at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly app: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(
      [
        `The configuration of ${app} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map(
          ({ variable, problem, expected }) => `  ${variable} ${problem}; expected ${expected}.`,
        ),
        'Every variable is described in docs/configuration.md.',
      ].join('\n'),
    );
  }
}

/**
 * Reads a configuration from the environment. A variable that is set to the empty text counts as not
 * set, because that is how container tools pass on a missing value.
 *
 * @throws ConfigError that lists every bad or missing variable.
 */
export function readConfig<Schema extends ConfigSchema>(
  app: string,
  schema: Schema,
  environment: Environment,
): ConfigOf<Schema> {
  const problems = new Map<string, ConfigProblem>();
  const config = mapValues(schema, (entry) => {
    if (entry instanceof OptionalGroup && !entry.wanted(environment)) return undefined;
    const group = entry instanceof OptionalGroup ? entry.group : entry;
    return mapValues(group, (variable) => readVariable(variable, environment, problems));
  });
  if (problems.size > 0) throw new ConfigError(app, [...problems.values()]);
  return config as ConfigOf<Schema>;
}

function readVariable(
  variable: Variable<unknown>,
  environment: Environment,
  problems: Map<string, ConfigProblem>,
): unknown {
  const given = environment[variable.name]?.trim();
  const text = given ? given : variable.fallback;
  if (text === null) return undefined;
  const report = (problem: string) =>
    void problems.set(variable.name, {
      variable: variable.name,
      problem,
      expected: variable.form,
    });
  if (text === undefined) return report('is not set');
  const result = variable.schema.safeParse(text);
  if (result.success) return result.data;
  return report(variable.secret ? 'has a value of the wrong form' : `is '${text}'`);
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

type Details<Fallback> = { readonly summary: string; readonly fallback?: Fallback } & {
  readonly form?: string;
};

/** A variable; optional ones (`fallback: null`) read to undefined when not set. */
function variable<Value>(
  name: string,
  schema: z.ZodType<Value, string>,
  form: string,
  details: Details<string>,
): Variable<Value>;
function variable<Value>(
  name: string,
  schema: z.ZodType<Value, string>,
  form: string,
  details: Details<null>,
): Variable<Value | undefined>;
function variable(
  name: string,
  schema: z.ZodType<unknown, string>,
  form: string,
  details: Details<string | null>,
): Variable<unknown> {
  return { name, schema, form, ...details };
}

type Typed<Value> = {
  (name: string, details: Details<string>): Variable<Value>;
  (name: string, details: Details<null>): Variable<Value | undefined>;
};

/** A kind of variable: how its text is read, and its form in words. */
export const typed = <Value>(schema: z.ZodType<Value, string>, form: string): Typed<Value> =>
  ((name: string, details: Details<string>) =>
    variable(name, schema, details.form ?? form, details)) as Typed<Value>;

const hostSchema = z.string().regex(/^[A-Za-z0-9._:-]+$/);
const pathSchema = z.string().min(1);
const hashtagSchema = z.string().transform((text, context) => {
  const tags = text.split(',').map((tag) => tag.trim().replace(/^#/, ''));
  if (tags.every((tag) => /^[\p{L}\p{N}\p{M}_]+$/u.test(tag))) return tags;
  context.addIssue({ code: 'custom', message: 'no hashtag' });
  return z.NEVER;
});

/** The kinds of values that variables have. */
export const text = typed(z.string().min(1), 'a text');
export const host = typed(hostSchema, 'a host name or address');
export const port = typed(wholeNumber(0, 65_535), 'a port, 0 to 65535');
export const path = typed(pathSchema, 'the path of a folder');
export const hashtags = typed(
  hashtagSchema,
  'one hashtag, or several with commas between, with or without #',
);
/** Takes the spellings that people and languages use, `True` and `0` included. */
export const flag = typed(
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'yes', 'on', '1', 'false', 'no', 'off', '0']))
    .transform((word) => ['true', 'yes', 'on', '1'].includes(word)),
  'true or false',
);
export const url = typed(
  z.url({ protocol: /^https?$/ }).transform((address) => address.replace(/\/+$/, '')),
  'an address that begins with http:// or https://',
);
export const bucketName = typed(
  z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  'a bucket name: 3 to 63 lower-case letters, digits, dots or hyphens',
);
export const queueName = typed(
  z.string().regex(/^(?!amq\.)[\w.:-]{1,200}$/),
  'a queue name: up to 200 letters, digits, dots, colons, hyphens or underscores, not beginning with amq.',
);

/** A whole number within bounds, both included. */
export const whole = (min: number, max: number): Typed<number> =>
  typed(wholeNumber(min, max), `a whole number, ${min} to ${max}`);

/** A number within bounds, both included. */
export const decimal = (min: number, max: number): Typed<number> =>
  typed(
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().min(min).max(max)),
    `a number, ${min} to ${max}`,
  );

/** One of several words. */
export const choice = <const Word extends string>(...words: Word[]): Typed<Word> =>
  typed(z.enum(words) as unknown as z.ZodType<Word, string>, words.join(' or '));

/** Several values with commas between. */
export const list = <Value>(item: z.ZodType<Value, string>, form: string): Typed<Value[]> =>
  typed(
    z
      .string()
      .transform((value) => value.split(',').map((part) => part.trim()))
      .pipe(z.array(item)) as z.ZodType<Value[], string>,
    form,
  );

export const pause = wholeNumber(1, 86_400_000);

/** Marks a variable as secret: its value never appears in a message or a log. */
export function secret<Value>(of: Variable<Value>): Variable<Value> {
  return { ...of, secret: true };
}

function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}
