/// Values that wait until their container is complete, so that it is allocated once and at its size.
struct ScratchStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity = 32

    init() {
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    subscript(position: Int) -> Element {
        @inline(__always) get { base[position] }
        @inline(__always) _modify { yield &base[position] }
    }

    @inline(__always)
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count &+= 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }

    /// Takes all elements from `start` on off the stack.
    mutating func pop(from start: Int) -> [Element] {
        let popped = count - start
        count = start
        let source = base + start
        return [Element](unsafeUninitializedCapacity: popped) { buffer, initialized in
            if let target = buffer.baseAddress { target.moveInitialize(from: source, count: popped) }
            initialized = popped
        }
    }
}
