/** The last waiter of each name. Kept for the process, so that two stores on one folder agree. */
const tails = new Map<string, Promise<void>>();

/** Runs `task` when no other task of this process holds `name`; tasks of one name run in order. */
export async function withLock<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const running = (tails.get(name) ?? Promise.resolve()).then(task);
  const tail = running.then(
    () => undefined,
    () => undefined,
  );
  tails.set(name, tail);
  try {
    return await running;
  } finally {
    if (tails.get(name) === tail) tails.delete(name);
  }
}
