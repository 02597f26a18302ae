import Penstock
import PenstockJSON

extension Command {
    static let version = Command(
        name: "version", summary: "print the version", printsData: true
    ) { invocation in
        invocation.output.show(
            ["version": JSON(Version.text)], "penstock \(Version.text)\n")
        return .done
    }
}
