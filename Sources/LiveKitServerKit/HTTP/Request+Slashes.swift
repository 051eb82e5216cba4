internal import HTTPTypes
internal import HummingbirdCore

extension String {
    /// The request target with each run of slashes in its path made one: joined base URLs often double them.
    var collapsingSlashes: String {
        let end = firstIndex(of: "?") ?? endIndex
        guard self[..<end].contains("//") else { return self }
        var path = ""
        for character in self[..<end] where character != "/" || path.last != "/" {
            path.append(character)
        }
        return path + self[end...]
    }
}

extension Request {
    var withCollapsedSlashes: Request {
        guard let path = head.path, path.contains("//") else { return self }
        var head = head
        head.path = path.collapsingSlashes
        return Request(head: head, body: body)
    }
}
