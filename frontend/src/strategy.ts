// What Home Assistant calls to fill a dashboard of the type `custom:resume-sync`.

import { dashboard } from "./dashboard";
import type { HomeAssistant } from "./home-assistant";
import { text } from "./texts";

export class DashboardStrategy extends HTMLElement {
  static noEditor = true;
  static registryDependencies = ["entities", "devices"];

  static getCreateSuggestions(hass: HomeAssistant): object {
    return { title: text(hass, "dashboardName"), icon: "mdi:play-box-lock-outline" };
  }

  static async generate(_config: unknown, hass: HomeAssistant): Promise<object> {
    return dashboard(hass);
  }
}
