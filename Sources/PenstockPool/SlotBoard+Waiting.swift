import Synchronization

/// Waiting for slots: to be free, to be idle, to be alone.
extension SlotBoard {
    /// Waits until a slot is free, or all are asked to stop. For one waiter at a time: the claim loop.
    func waitForFree() async {
        await waitForFree { $0.freeCount > 0 }
    }

    /// Waits until another number of slots is free, or all are asked to stop. For one waiter at a time: the claim loop.
    func waitForChange(from freeCount: Int) async {
        await waitForFree { $0.freeCount != freeCount }
    }

    private func waitForFree(_ isOver: (Board) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = board.withLock { board in
                guard !isOver(board), !board.isStopping else { return true }
                board.waitingForFree = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Waits until no slot works, at most so long, and no longer than until all are stopped. For one waiter at a time.
    ///
    /// - Returns: Whether no slot works.
    func waitForIdle(atMost limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let wait: Int? = board.withLock { board in
                guard board.busyCount > 0 else { return nil }
                board.waitingForIdle = continuation
                board.idleWaits += 1
                return board.idleWaits
            }
            guard let wait else { return continuation.resume(returning: true) }
            Task {
                try await Task.sleep(for: limit)
                board.withLock { $0.idleWaits == wait ? $0.waitingForIdle.take() : nil }?
                    .resume(returning: false)
            }
        }
    }

    /// Waits until no other slot works; none is filled until this one's claim is settled.
    ///
    /// - Returns: Whether it is alone now: not if another is to be so already, or it is to stop.
    func beAlone(_ slot: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let isAlone: Bool? = board.withLock { board in
                guard board.loner == nil || board.loner == slot, !board.isStopping,
                    board.slots[slot]?.interruption == nil
                else { return false }
                board.loner = slot
                if board.isLonerAlone { return true }
                board.waitingToBeAlone = continuation
                return nil
            }
            if let isAlone { continuation.resume(returning: isAlone) }
        }
    }
}
