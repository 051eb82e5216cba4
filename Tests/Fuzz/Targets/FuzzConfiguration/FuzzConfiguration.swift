internal import FuzzInput
internal import ServerConfiguration

/// The server's configuration: any text as a file, as API keys, and as flags.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let text = unsafe String(decoding: [UInt8](fuzzing: start, count: count), as: UTF8.self)
    if let configuration = try? LiveKitServerConfiguration(yaml: text) {
        _ = try? configuration.validate()
        _ = configuration.ports.map(\.description)
    }
    _ = try? LiveKitServerConfiguration.keys(parsing: text)
    var sources = ConfigurationSources()
    _ = try? sources.takeFlags(from: text.split(separator: "\n").map(String.init))
    // No key file: the input must not choose what is read.
    sources.flags.removeAll { $0.path == "key_file" }
    sources.body = text
    if (try? LiveKitServerConfiguration(yaml: text))?.keyFile.isEmpty == true {
        _ = try? LiveKitServerConfiguration(sources)
    }
    return 0
}
