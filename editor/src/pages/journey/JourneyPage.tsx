/** One journey: its canvas between palette and panel, saved by itself, watched live. */
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { useParams } from "react-router";
import { useMay } from "@/app/may";
import { Canvas } from "@/canvas/Canvas";
import { Palette } from "@/canvas/Palette";
import { useCanvasUi } from "@/canvas/ui";
import { useAutosave } from "@/journey/autosave";
import { useKeepNames } from "@/journey/names";
import { useCatalogQuery, useVersion, type Journey } from "@/journey/queries";
import { useEditor } from "@/journey/store";
import type { Catalog } from "@/journey/types";
import { useJourney } from "@/journey/useJourney";
import { useCounts } from "@/live/useCounts";
import { Panel } from "@/panel/Panel";
import { Failed, Loading } from "@/ui/states";
import { ConflictDialog } from "./ConflictDialog";
import { JourneyBar } from "./JourneyBar";
import { PeopleDrawer } from "./PeopleDrawer";
import { LookNotice, VersionNotice } from "./VersionNotice";
import "./journey.css";

export default function JourneyPage() {
  const { id = "" } = useParams();
  const journey = useJourney(id);
  const catalog = useCatalogQuery();
  const failed = [journey, catalog].find((query) => query.isError && !query.data);
  if (failed) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  if (!journey.data || !catalog.data) return <Loading />;
  return <OpenJourney key={id} journey={journey.data} catalog={catalog.data} />;
}

function OpenJourney({ journey, catalog }: { journey: Journey; catalog: Catalog }) {
  const [version, setVersion] = useState<number | null>(null);
  const mayEdit = useMay()("edit");
  const ready = useOpened(journey, catalog, mayEdit);
  useShownVersion(journey.id, version);
  useAutosave();
  useCounts(journey.id, version);
  useKeepNames();
  const shown = useEditor((state) => state.shown?.version ?? null);
  if (!ready) return <Loading />;
  return (
    <ReactFlowProvider>
      <JourneyBar journey={journey} version={version} show={setVersion} />
      <div className="journey-page">
        {shown === null && mayEdit && <Palette />}
        <div className="journey-middle">
          {shown !== null && <VersionNotice journey={journey} version={shown} leave={() => setVersion(null)} />}
          {shown === null && !mayEdit && <LookNotice />}
          <Canvas key={shown ?? "draft"} />
        </div>
        <Panel />
      </div>
      <PeopleDrawer journeyId={journey.id} />
      <ConflictDialog />
    </ReactFlowProvider>
  );
}

/** Puts the draft into the store once; what the marketer does from then on is newer than any answer. */
function useOpened(journey: Journey, catalog: Catalog, mayEdit: boolean): boolean {
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current) return;
    opened.current = true;
    const { draft, name } = journey;
    useEditor.getState().open(journey.id, catalog, { ...draft, name }, mayEdit);
  }, [journey, catalog, mayEdit]);
  useEffect(
    () => () => {
      useEditor.setState({ selection: [], shown: null });
      useCanvasUi.getState().set({ people: null, edge: null, ghost: null, menu: null, journeySettings: false });
    },
    [],
  );
  return useEditor((state) => state.journeyId === journey.id);
}

function useShownVersion(id: string, version: number | null): void {
  const published = useVersion(id, version).data;
  useEffect(() => {
    const ready = version !== null && published?.number === version;
    useEditor.getState().show(ready ? { version, graph: published.graph } : null);
  }, [version, published]);
}
