import { createSlots } from './slots';

describe('createSlots', () => {
  it('runs no more than the given number at a time, in order, and survives failures', async () => {
    const inSlot = createSlots(2);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    const work = [0, 1, 2, 3].map((index) =>
      inSlot(
        () =>
          new Promise<number>((resolve, reject) => {
            started.push(index);
            finish[index] = () => (index === 0 ? reject(new Error('broken')) : resolve(index));
          }),
      ),
    );
    expect(started).toEqual([0, 1]);
    finish[0]!();
    await expect(work[0]).rejects.toThrow('broken');
    expect(started).toEqual([0, 1, 2]);
    finish[2]!();
    await work[2];
    finish[3]!();
    finish[1]!();
    await expect(Promise.all(work.slice(1))).resolves.toEqual([1, 2, 3]);
  });
});
