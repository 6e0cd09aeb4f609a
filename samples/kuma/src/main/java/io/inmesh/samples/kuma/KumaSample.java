package io.inmesh.samples.kuma;

import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.stage.OpenParts;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The scene of two services in a mesh of Kuma's: with the kuma-cp that there is, or with one that plays what a kuma-cp once sent. */
public final class KumaSample {
    private static final int REQUESTS_A_SECOND = 100;

    private final Screen screen;
    private final OpenParts open = new OpenParts();

    private KumaSample(Screen screen) {
        this.screen = screen;
    }

    /**
     * Plays the scene.
     *
     * @param args the folder for what a kuma-cp writes; then {@code --recorded} to play the recording even if there is a kuma-cp
     */
    public static void main(String[] args) throws Exception {
        Screen screen = new Screen(System.out, Boolean.getBoolean("kuma.terminal"));
        boolean good;
        KumaSample sample = new KumaSample(screen);
        try {
            good = sample.run(Path.of(args[0]), args.length > 1 && args[1].equals("--recorded"));
        } catch (IOException | IllegalStateException e) {
            screen.warn(String.valueOf(e.getMessage()));
            good = false;
        } finally {
            sample.close();
        }
        System.exit(good ? 0 : 1);
    }

    private boolean run(Path folder, boolean recorded) throws Exception {
        Path binary = recorded ? null : KumaCp.find();
        if (binary == null) {
            screen.note(
                    recorded
                            ? "playing what kuma-cp 2.14.3 once sent, as was asked for"
                            : "there is no kuma-cp on the PATH and none in KUMA_CP: playing what kuma-cp 2.14.3 once"
                                    + " sent");
        }
        ControlPlane controlPlane =
                opened(binary == null ? RecordedMesh.start(Habits.KUMA) : LiveControlPlane.start(binary, folder));
        screen.note(controlPlane.description());
        for (Workload each : Workload.ORDERS) {
            Member member = opened(Member.join(each, controlPlane));
            opened(OrdersServer.start(member));
        }
        Caller web = caller(Workload.WEB, controlPlane);
        Caller legacy = caller(Workload.LEGACY, controlPlane);
        Traffic traffic = opened(
                new Traffic(web.client(), Caller.ORDER, REQUESTS_A_SECOND, OrdersApplication.INSTANCE, List.of()));
        return new Scene(screen, controlPlane, web, legacy, traffic).play();
    }

    private Caller caller(Workload workload, ControlPlane controlPlane) throws Exception {
        Member member = opened(Member.join(workload, controlPlane));
        member.awaitReady();
        Caller caller = opened(new Caller(member));
        caller.awaitOrders();
        return caller;
    }

    private <T extends AutoCloseable> T opened(T part) {
        return open.add(part);
    }

    private void close() throws Exception {
        open.close();
    }
}
