using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

public sealed class ArrivalsTests
{
    private sealed class Item(int from, int number) : IArrival<Item>
    {
        public int From { get; } = from;

        public int Number { get; } = number;

        public Item? Next { get; set; }
    }

    private Arrivals<Item> list;

    [Fact]
    public void What_came_first_is_taken_first()
    {
        Assert.True(list.IsEmpty);
        Assert.Null(list.TakeAll());
        for (var i = 0; i < 3; i++)
        {
            list.Add(new Item(0, i));
        }

        Assert.False(list.IsEmpty);
        Assert.Equal([0, 1, 2], Follow(list.TakeAll()).Select(item => item.Number));
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public void An_item_that_was_taken_may_come_again()
    {
        var item = new Item(0, 1);
        list.Add(item);
        Assert.Same(item, list.TakeAll());
        list.Add(new Item(0, 2));
        list.Add(item);
        Assert.Equal([2, 1], Follow(list.TakeAll()).Select(one => one.Number));
    }

    [Fact]
    public async Task Every_item_of_many_threads_is_taken_once_and_in_its_threads_order()
    {
        const int Threads = 3;
        const int Each = 100_000;
        var adding = Enumerable.Range(0, Threads).Select(from => Task.Run(
            () =>
            {
                for (var number = 0; number < Each; number++)
                {
                    list.Add(new Item(from, number));
                }
            },
            TestContext.Current.CancellationToken)).ToArray();
        var expected = new int[Threads];
        while (expected.Sum() < Threads * Each)
        {
            var over = Array.TrueForAll(adding, task => task.IsCompleted);
            var taken = Follow(list.TakeAll());
            Assert.False(over && taken.Count == 0, "items were lost");
            foreach (var item in taken)
            {
                Assert.Equal(expected[item.From]++, item.Number);
            }
        }

        await Task.WhenAll(adding);
        Assert.True(list.IsEmpty);
    }

    private static List<Item> Follow(Item? item)
    {
        var all = new List<Item>();
        for (; item is not null; item = item.Next)
        {
            all.Add(item);
        }

        return all;
    }
}
