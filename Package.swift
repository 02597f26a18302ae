// swift-tools-version: 6.2
// The house, floor by floor: a target imports only what stands below it, and says so here.

import PackageDescription

/// What every target is built with: Swift 6, explicit imports and existentials, no warning left standing.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Above the clients of C libraries there is no pointer, and the compiler holds us to it.
let pointerless = house + [.strictMemorySafety()]

/// A library target in `Sources/<name>`.
func floor(
    _ name: String, on dependencies: [Target.Dependency] = [], touchesPointers: Bool = false,
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(name)", resources: resources,
        swiftSettings: touchesPointers ? house : pointerless)
}

/// The tests of one target, in `Tests/<name>Tests`.
func tests(of name: String, with dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target
{
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        resources: resources, swiftSettings: house)
}

let package = Package(
    name: "penstock",
    products: [
        .library(name: "Penstock", targets: ["Penstock"]),
        .executable(name: "penstock", targets: ["PenstockCLI"]),
        .executable(name: "penstock-example", targets: ["PenstockExample"]),
    ],
    targets: [
        // Floor 0: doors to C.
        .systemLibrary(name: "CPenstockHiredis", path: "Sources/CPenstockHiredis"),
        .systemLibrary(name: "CPenstockMariaDB", path: "Sources/CPenstockMariaDB", pkgConfig: "libmariadb"),
        .systemLibrary(name: "CPenstockPostgres", path: "Sources/CPenstockPostgres", pkgConfig: "libpq"),
        .systemLibrary(name: "CPenstockSQLite", path: "Sources/CPenstockSQLite", pkgConfig: "sqlite3"),
        .systemLibrary(name: "CPenstockZstd", path: "Sources/CPenstockZstd", pkgConfig: "libzstd"),
        .target(name: "CPenstockPlatform", path: "Sources/CPenstockPlatform"),

        // Floor 1: words, and what everything is written with.
        floor("PenstockJSON", touchesPointers: true),
        floor("PenstockExecutors", on: ["CPenstockPlatform"], touchesPointers: true),
        floor("PenstockSQL", on: ["PenstockExecutors"]),
        floor("PenstockModel", on: ["CPenstockPlatform", "PenstockJSON"]),

        // Floor 2: clients of C libraries.
        floor("PenstockRedis", on: ["CPenstockHiredis", "PenstockExecutors"], touchesPointers: true),
        floor(
            "PenstockSQLite",
            on: ["CPenstockSQLite", "CPenstockPlatform", "PenstockSQL", "PenstockExecutors"],
            touchesPointers: true),
        floor(
            "PenstockMySQL", on: ["CPenstockMariaDB", "PenstockSQL", "PenstockExecutors"],
            touchesPointers: true),
        floor(
            "PenstockPostgres",
            on: ["CPenstockPostgres", "PenstockSQL", "PenstockModel", "PenstockExecutors"],
            touchesPointers: true),
        floor("PenstockZstd", on: ["CPenstockZstd"], touchesPointers: true),
        floor("PenstockPlatform", on: ["CPenstockPlatform", "PenstockExecutors"], touchesPointers: true),

        // Floor 3: the three parts of the work.
        floor("PenstockEngine", on: ["PenstockModel", "PenstockJSON"]),
        floor(
            "PenstockQueue", on: ["PenstockModel", "PenstockJSON", "PenstockRedis"],
            resources: [.embedInCode("Lua")]),
        floor(
            "PenstockCheckpointers",
            on: [
                "PenstockModel", "PenstockJSON", "PenstockSQL", "PenstockRedis", "PenstockSQLite",
                "PenstockPostgres", "PenstockMySQL", "PenstockZstd", "PenstockExecutors",
            ],
            resources: [.embedInCode("Lua"), .embedInCode("Schema")]),

        // Floor 4: the parts joined.
        floor(
            "PenstockPool",
            on: [
                "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockQueue", "PenstockRedis",
                "PenstockExecutors", "PenstockPlatform",
            ]),
        floor(
            "PenstockDeclared", on: ["PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockPlatform"]),

        // Floor 5: what the author of a worker imports.
        floor(
            "Penstock",
            on: [
                "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockQueue", "PenstockRedis",
                "PenstockSQLite", "PenstockPostgres", "PenstockMySQL", "PenstockCheckpointers",
                "PenstockPool", "PenstockDeclared", "PenstockExecutors",
                "PenstockPlatform",
            ]),

        // Floor 6: the command line, and the worked example.
        .executableTarget(
            name: "PenstockCLI",
            dependencies: [
                "Penstock", "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockQueue",
                "PenstockRedis",
                "PenstockCheckpointers", "PenstockPool", "PenstockDeclared", "PenstockExecutors",
                "PenstockPlatform",
            ],
            path: "Workers/PenstockCLI", swiftSettings: pointerless),
        .executableTarget(
            name: "PenstockExample", dependencies: ["Penstock"], path: "Workers/Example",
            swiftSettings: pointerless),

        // Tests mirror Sources; PenstockTesting holds what several of them share.
        .target(
            name: "PenstockTesting",
            dependencies: [
                "PenstockModel", "PenstockJSON", "PenstockRedis", "PenstockPlatform", "CPenstockPostgres",
                "CPenstockMariaDB", "PenstockMySQL", "PenstockSQL", "PenstockExecutors",
            ],
            path: "Tests/PenstockTesting", swiftSettings: house),
        tests(of: "PenstockJSON"),
        tests(of: "PenstockModel", with: ["PenstockJSON"]),
        tests(of: "PenstockExecutors"),
        tests(
            of: "PenstockSQL",
            with: [
                "PenstockExecutors", "PenstockSQLite", "PenstockPostgres", "PenstockMySQL", "PenstockTesting",
            ]),
        tests(of: "PenstockRedis", with: ["PenstockModel", "PenstockExecutors", "PenstockTesting"]),
        tests(of: "PenstockSQLite", with: ["PenstockSQL"]),
        tests(of: "PenstockMySQL", with: ["PenstockSQL", "PenstockExecutors", "PenstockTesting"]),
        tests(of: "PenstockPostgres", with: ["PenstockSQL", "PenstockExecutors", "PenstockTesting"]),
        tests(of: "PenstockZstd"),
        tests(of: "PenstockPlatform", with: ["CPenstockPlatform"]),
        tests(
            of: "PenstockEngine",
            with: ["PenstockModel", "PenstockJSON", "PenstockCheckpointers", "PenstockExecutors"]),
        tests(
            of: "PenstockQueue", with: ["PenstockModel", "PenstockJSON", "PenstockRedis", "PenstockTesting"]),
        tests(
            of: "PenstockCheckpointers",
            with: [
                "PenstockModel", "PenstockJSON", "PenstockRedis", "PenstockSQL", "PenstockSQLite",
                "PenstockPostgres", "PenstockMySQL", "PenstockExecutors", "PenstockTesting",
            ],
            resources: [.copy("Fixtures")]),
        tests(
            of: "PenstockPool",
            with: [
                "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockQueue", "PenstockRedis",
                "PenstockCheckpointers", "PenstockPostgres", "PenstockMySQL", "PenstockPlatform",
                "PenstockTesting",
            ]),
        tests(
            of: "PenstockDeclared",
            with: [
                "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockCheckpointers",
                "CPenstockPlatform",
            ]),
        tests(
            of: "PenstockCLI",
            with: [
                "Penstock", "PenstockModel", "PenstockJSON", "PenstockEngine", "PenstockQueue",
                "PenstockRedis", "PenstockCheckpointers", "PenstockPlatform", "PenstockPool",
                "PenstockTesting", "CPenstockPlatform",
            ]),
    ]
)
