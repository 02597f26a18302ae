import Penstock
import PenstockEngine
import PenstockModel

extension Command {
    static let work = Command(
        name: "work",
        summary: "run declared flows: claim jobs, checkpoint every node, write the results",
        settings: Set(Setting.Group.allCases),
        notes: """
            TERM and INT let what runs come to a checkpoint, hand back the rest and leave (--grace-seconds); a second
            one stops at once. Flows written in Swift have a program of their own, which takes the same flags.

              penstock work --flows flows --queues urgent,default --slots 32
              penstock work --config /etc/penstock/orders.json
            """
    ) { invocation in
        let settings = invocation.settings
        guard settings.flows != nil else {
            throw Failure.misused(
                "work needs the folder with the flows: --flows DIR, or PENSTOCK_FLOWS, or \"flows\" in the file"
            )
        }
        let flows: FlowSet
        do {
            flows = try FlowSet(try settings.declaredFlows())
        } catch {
            throw Failure.misused("\(error)")
        }
        return await WorkerProcess(settings, flows: flows, log: settings.log).run()
    }
}
