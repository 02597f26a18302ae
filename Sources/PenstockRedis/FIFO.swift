/// First in, first out, with both ends in constant time.
struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head].take()
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head * 2 >= elements.count {
            // Each element is moved at most once for each one that went before it.
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes out those that `isOver` names, the rest keep their order.
    mutating func removeAll(where isOver: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        var kept: [Element?] = []
        while let element = popFirst() {
            if isOver(element) { removed.append(element) } else { kept.append(element) }
        }
        elements = kept
        return removed
    }

    mutating func removeAll() -> [Element] {
        removeAll { _ in true }
    }

    func contains(where matches: (Element) -> Bool) -> Bool {
        elements[head...].contains { $0.map(matches) == true }
    }

    func min<Value: Comparable>(of value: (Element) -> Value) -> Value? {
        elements[head...].reduce(nil) { least, element in
            guard let value = element.map(value) else { return least }
            return least.map { Swift.min($0, value) } ?? value
        }
    }
}
