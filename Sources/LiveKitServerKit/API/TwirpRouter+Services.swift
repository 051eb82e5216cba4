extension TwirpRouter {
    /// The services of this server.
    static func all(
        registry: RoomRegistry, services: ControlServices, configuration: LiveKitServerConfiguration
    ) -> TwirpRouter {
        var router = TwirpRouter(requestLimit: configuration.limits.requestBodyBytes)
        let rooms = RoomService(
            rooms: LocalRooms(registry: registry, limits: configuration.limits, peers: services.peers),
            store: services.cluster?.store)
        router.add(rooms)
        router.add(AgentDispatchService(service: rooms))
        return router
    }

    private mutating func add(_ service: AgentDispatchService) {
        let name = "livekit.AgentDispatchService/"
        add(name + "CreateDispatch", service.createDispatch)
        add(name + "DeleteDispatch", service.deleteDispatch)
        add(name + "ListDispatch", service.listDispatch)
    }

    private mutating func add(_ service: RoomService) {
        let name = "livekit.RoomService/"
        add(name + "CreateRoom", service.createRoom)
        add(name + "ListRooms", service.listRooms)
        add(name + "DeleteRoom", service.deleteRoom)
        add(name + "UpdateRoomMetadata", service.updateRoomMetadata)
        add(name + "SendData", service.sendData)
        add(name + "ListParticipants", service.listParticipants)
        add(name + "GetParticipant", service.getParticipant)
        add(name + "RemoveParticipant", service.removeParticipant)
        add(name + "MutePublishedTrack", service.mutePublishedTrack)
        add(name + "UpdateParticipant", service.updateParticipant)
        add(name + "UpdateSubscriptions", service.updateSubscriptions)
        add(name + "ForwardParticipant", service.forwardParticipant)
        add(name + "MoveParticipant", service.moveParticipant)
        add(name + "PerformRpc", service.performRpc)
    }
}
