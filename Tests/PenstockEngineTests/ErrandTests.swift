import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

/// What goes with the first save of an attempt and with the last.
@Suite(.timeLimit(.minutes(1))) struct ErrandTests {
    private struct Asked: Equatable {
        let isFirst: Bool
        let result: String?
    }

    private func control(_ asked: Ledger<Asked>, _ errand: SaveErrand? = SaveErrand(0)) -> RunControl {
        RunControl(errand: { isFirst, result in
            asked.note(Asked(isFirst: isFirst, result: result.map { String(decoding: $0, as: UTF8.self) }))
            return errand
        })
    }

    private func flow(_ durability: Durability, _ nodes: [NodeName] = ["a", "b", "c"]) -> Flow<Trail> {
        line(nodes: nodes).durability(durability).result("sum")
    }

    @Test(arguments: [Durability.sync, .async])
    func `it is asked for with every save, and told which is the first and what the last results in`(
        _ durability: Durability
    ) async throws {
        let asked = Ledger<Asked>()
        let errand = SaveErrand(0)
        let carried = Ledger<SaveErrand?>()
        let store = HookedStore(beforeSave: { save throws(CheckpointerError) in carried.note(save.errand) })
        let outcome = try await Desk(flow(durability), store: store).attempt(
            "j", control: control(asked, errand))
        #expect(outcome.result == ["sum": 3])
        #expect(
            asked.entries == [
                Asked(isFirst: true, result: nil), Asked(isFirst: false, result: nil),
                Asked(isFirst: false, result: #"{"sum":3}"#),
            ])
        #expect(carried.entries == [errand, errand, errand])
    }

    @Test func `one save may be the first and the last`() async throws {
        let asked = Ledger<Asked>()
        try await Desk(flow(.sync, ["a"])).attempt("j", control: control(asked))
        #expect(asked.entries == [Asked(isFirst: true, result: #"{"sum":1}"#)])
        try await Desk(flow(.exit)).attempt("k", control: control(asked))
        #expect(asked.entries.last == Asked(isFirst: true, result: #"{"sum":3}"#))
        #expect(asked.entries.count == 2)
    }

    @Test func `a save whose errand is refused ends the attempt as one that lost its claim`() async throws {
        let errand = SaveErrand(0)
        let store = HookedStore(beforeSave: { save throws(CheckpointerError) in
            errand.end(.refused)
            throw .fenced(session: save.session, epoch: save.epoch)
        })
        let outcome = try await Desk(flow(.sync), store: store).attempt(
            "j", control: control(Ledger(), errand))
        #expect(outcome.isCancelled)
    }
}
