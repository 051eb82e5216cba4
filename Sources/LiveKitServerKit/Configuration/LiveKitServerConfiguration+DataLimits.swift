extension LiveKitServerConfiguration.Limits {
    mutating func readData(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        dataBlobKeyLength = try reader.integer("max_data_blob_key_length") ?? dataBlobKeyLength
        dataBlobsBytes = try reader.integer("max_data_blobs_size") ?? dataBlobsBytes
        customEncodingLength = try reader.integer("max_data_track_custom_encoding_length") ?? customEncodingLength
    }

    func allows(dataBlobKey length: Int) -> Bool { dataBlobKeyLength == 0 || length <= dataBlobKeyLength }

    func allows(dataBlobs bytes: Int) -> Bool { dataBlobsBytes == 0 || bytes <= dataBlobsBytes }

    func allows(customEncoding name: String) -> Bool {
        !name.isEmpty && (customEncodingLength == 0 || name.utf8.count <= customEncodingLength)
    }
}
