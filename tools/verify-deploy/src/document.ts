import { readFile } from 'node:fs/promises';

/** A fenced block of a document: ```sh NAME … ``` */
export interface Block {
  readonly language: string;
  /** The word after the language. */
  readonly name: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown text, in order. @throws Error for a block that has no name. */
export function readBlocks(markdown: string): Block[] {
  const fence = /^```(\S*)[ \t]*(.*)\n([\s\S]*?)^```[ \t]*$/gm;
  return [...markdown.matchAll(fence)].map(([, language = '', name = '', text = '']) => {
    if (!name.trim()) {
      throw new Error(`A block has no name, so nothing can run it: \`\`\`${language}\n${text}`);
    }
    return { language, name: name.trim(), text };
  });
}

/** A document whose commands are run, and which knows those that were not. */
export interface Document {
  /** The text of the one block of this name. @throws Error when there is none, or more than one. */
  take(language: string, name: string): string;
  /** The names of the blocks that nobody took. */
  untaken(): string[];
}

export async function openDocument(path: string): Promise<Document> {
  const blocks = readBlocks(await readFile(path, 'utf8'));
  const taken = new Set<Block>();
  return {
    take(language, name) {
      const [block, ...more] = blocks.filter(
        (one) => one.language === language && one.name === name,
      );
      if (!block || more.length > 0) {
        throw new Error(
          `${path} has ${block ? 'several blocks' : 'no block'} \`\`\`${language} ${name}.`,
        );
      }
      taken.add(block);
      return block.text;
    },
    untaken: () => blocks.filter((block) => !taken.has(block)).map(({ name }) => name),
  };
}

/**
 * Replaces the values of NAME=value lines; comments and other lines stay.
 *
 * @throws Error for a name that has no line.
 */
export function setVariables(text: string, values: Readonly<Record<string, string>>): string {
  const left = new Set(Object.keys(values));
  const lines = text.split('\n').map((line) => {
    const name = /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    const value = name === undefined ? undefined : values[name];
    if (name === undefined || value === undefined) return line;
    left.delete(name);
    return `${name}=${value}`;
  });
  if (left.size > 0) throw new Error(`There is no line for ${[...left].join(', ')}.`);
  return lines.join('\n');
}
