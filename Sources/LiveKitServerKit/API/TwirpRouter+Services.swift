extension TwirpRouter {
    /// The services of this server.
    static func all(
        registry: RoomRegistry, configuration: LiveKitServerConfiguration, services: ControlServices
    ) -> TwirpRouter {
        var router = TwirpRouter(requestLimit: configuration.limits.requestBodyBytes)
        let rooms = RoomService(
            rooms: LocalRooms(
                registry: registry, limits: configuration.limits, peers: services.peers,
                egress: services.workers?.egress),
            store: services.cluster?.store)
        router.add(rooms)
        router.add(AgentDispatchService(service: rooms))
        router.add(EgressService(rooms: rooms, launcher: services.workers?.egress))
        router.add(
            IngressService(
                rooms: rooms, configuration: configuration.ingress, backend: services.workers?.ingress,
                logger: services.logger))
        return router
    }

    private mutating func add(_ service: AgentDispatchService) {
        let name = "livekit.AgentDispatchService/"
        add(name + "CreateDispatch", service.createDispatch)
        add(name + "DeleteDispatch", service.deleteDispatch)
        add(name + "ListDispatch", service.listDispatch)
    }

    private mutating func add(_ service: EgressService) {
        let name = "livekit.Egress/"
        add(name + "StartEgress", service.startEgress)
        add(name + "StartRoomCompositeEgress", service.startRoomCompositeEgress)
        add(name + "StartWebEgress", service.startWebEgress)
        add(name + "StartParticipantEgress", service.startParticipantEgress)
        add(name + "StartTrackCompositeEgress", service.startTrackCompositeEgress)
        add(name + "StartTrackEgress", service.startTrackEgress)
        add(name + "UpdateLayout", service.updateLayout)
        add(name + "UpdateStream", service.updateStream)
        add(name + "ListEgress", service.listEgress)
        add(name + "StopEgress", service.stopEgress)
    }

    private mutating func add(_ service: IngressService) {
        let name = "livekit.Ingress/"
        add(name + "CreateIngress", service.createIngress)
        add(name + "UpdateIngress", service.updateIngress)
        add(name + "ListIngress", service.listIngress)
        add(name + "DeleteIngress", service.deleteIngress)
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
